#include "auth/private_input.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <string>

#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::auth {
namespace {

class PrivateInputTest : public testing::Test {
  protected:
    PrivateInput read(const std::filesystem::path& file) {
        return read_private_file(file, buffer_, size_);
    }
    std::filesystem::path make(const std::string& text, mode_t mode) {
        return tests::write_file(directory_ / "secret", text, mode);
    }
    tests::TemporaryDirectory directory_;
    std::array<std::uint8_t, 8> buffer_{};
    std::size_t size_ = 0;
};

TEST_F(PrivateInputTest, ReadsWhatFits) {
    for (const std::string& text : {std::string(), std::string("abc"), std::string("12345678")}) {
        ASSERT_EQ(read(make(text, 0600)), PrivateInput::read);
        EXPECT_EQ(std::string(buffer_.begin(), buffer_.begin() + size_), text);
    }
    EXPECT_EQ(read(make("123456789", 0600)), PrivateInput::too_long);
}

TEST_F(PrivateInputTest, WantsAFileThatOnlyItsOwnerMayUse) {
    EXPECT_EQ(read(make("abc", 0400)), PrivateInput::read);
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U, 0777U})
        EXPECT_EQ(read(make("abc", mode)), PrivateInput::not_private) << mode;
    EXPECT_EQ(read(directory_.path()), PrivateInput::not_private);
    EXPECT_EQ(read(directory_.path() / "none"), PrivateInput::unreadable);
}

TEST_F(PrivateInputTest, SaysWhatIsWrong) {
    EXPECT_EQ(problem_of(PrivateInput::read, 4096), "");
    EXPECT_EQ(problem_of(PrivateInput::unreadable, 4096), "cannot be read");
    EXPECT_EQ(problem_of(PrivateInput::not_private, 4096),
              "must be a regular file that only its owner may read (0600)");
    EXPECT_EQ(problem_of(PrivateInput::too_long, 4096), "is longer than 4 KiB");
}

TEST_F(PrivateInputTest, DoesNotWaitForAFifo) {
    const auto fifo = directory_.path() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_EQ(read(fifo), PrivateInput::not_private);
}

}  // namespace
}  // namespace kwikgate::auth

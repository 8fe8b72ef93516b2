#include "auth/master_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kHex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

class MasterKeyFile : public testing::Test {
  protected:
    std::filesystem::path write(std::string_view text, mode_t mode = 0600) {
        return tests::write_file(directory_ / "master.key", text, mode);
    }
    tests::TemporaryDirectory directory_;
};

TEST_F(MasterKeyFile, IsReadAndWrittenAsHexDigits) {
    const auto key = MasterKey::load(write(std::string(kHex) + "\n"));
    ASSERT_TRUE(key) << key.error().message();
    for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(key->expose()[i], i);
    const auto copy = directory_.path() / "copy.key";
    ASSERT_TRUE(key->save(copy));
    EXPECT_EQ(tests::read_file(copy),
              "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
    EXPECT_TRUE(MasterKey::load(write(kHex)));
}

TEST_F(MasterKeyFile, IsMadePrivateAndNeverOverwritten) {
    const auto file = directory_.path() / "new.key";
    const mode_t before = umask(0);
    const MasterKey key = MasterKey::generate();
    ASSERT_TRUE(key.save(file));
    umask(before);
    struct stat status {};
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(MasterKey::generate().save(file).error(), Errc::master_key_exists);
    const auto loaded = MasterKey::load(file);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->check_value(), key.check_value());
}

TEST_F(MasterKeyFile, IsNotWrittenThroughALink) {
    const auto link = directory_.path() / "link.key";
    std::filesystem::create_symlink(directory_.path() / "elsewhere", link);
    EXPECT_FALSE(MasterKey::generate().save(link));
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "elsewhere"));
}

TEST_F(MasterKeyFile, InAMissingFolderSaysWhatTheSystemSaid) {
    const auto saved = MasterKey::generate().save(directory_.path() / "none" / "master.key");
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().value(), ENOENT);
}

TEST_F(MasterKeyFile, ThatOthersMayUseIsRefused) {
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0666U, 0777U})
        EXPECT_EQ(MasterKey::load(write(std::string(kHex) + "\n", mode)).error(),
                  Errc::master_key_permissions)
            << std::oct << mode;
    for (const mode_t mode : {0600U, 0400U})
        EXPECT_TRUE(MasterKey::load(write(std::string(kHex) + "\n", mode))) << std::oct << mode;
}

TEST_F(MasterKeyFile, OfSystemdMayBeReadableByTheGroup) {
    const auto file = write(std::string(kHex) + "\n", 0440);
    EXPECT_EQ(MasterKey::load(file).error(), Errc::master_key_permissions);
    setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1);
    EXPECT_TRUE(MasterKey::load(file));
    chmod(file.c_str(), 0444);
    EXPECT_EQ(MasterKey::load(file).error(), Errc::master_key_permissions);
    setenv("CREDENTIALS_DIRECTORY", "/nowhere", 1);
    chmod(file.c_str(), 0440);
    EXPECT_EQ(MasterKey::load(file).error(), Errc::master_key_permissions);
    unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(MasterKeyFile, ThatIsNoRegularFileIsRefused) {
    EXPECT_EQ(MasterKey::load(directory_.path()).error(), Errc::master_key_permissions);
    const auto fifo = directory_.path() / "fifo";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_EQ(MasterKey::load(fifo).error(), Errc::master_key_permissions);
    EXPECT_EQ(MasterKey::load(directory_.path() / "none").error(), Errc::master_key_unreadable);
}

TEST_F(MasterKeyFile, ThatHoldsAnythingElseIsMalformed) {
    const std::string hex(kHex);
    for (const std::string& text :
         {std::string(), std::string("\n"), hex.substr(1) + "\n", hex + "0\n", hex + "\n\n",
          hex + "\r\n", " " + hex.substr(1) + "\n", "g" + hex.substr(1) + "\n", hex + " ",
          hex + hex, std::string(1 << 20, '0')})
        EXPECT_EQ(MasterKey::load(write(text)).error(), Errc::master_key_malformed)
            << text.substr(0, 80);
}

TEST(MasterKeyCheckValue, TellsKeysApartAndHidesThem) {
    const MasterKey a = MasterKey::generate();
    const MasterKey b = MasterKey::generate();
    EXPECT_EQ(a.check_value(), a.check_value());
    EXPECT_NE(a.check_value(), b.check_value());
    EXPECT_EQ(a.check_value().size(), 64U);
}

}  // namespace
}  // namespace kwikgate::auth

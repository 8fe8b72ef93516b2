#include "gateway/telemetry/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace kwikgate::gateway {
namespace {

TEST(Log, ALineIsInTheFileWhenTheCallReturnsWhateverItsLevel) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("kwikgate_log_test." + std::to_string(::getpid()));
    ASSERT_EQ(open_log("debug", file.string()), "");
    for (void (*const write)(std::string_view) : {log_debug, log_info, log_warn, log_error}) {
        write("a line");
        std::ifstream in(file);
        const std::string text(std::istreambuf_iterator<char>(in), {});
        EXPECT_TRUE(text.ends_with("a line\n")) << text;
    }
    ASSERT_EQ(open_log("info", "stderr"), "");
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace kwikgate::gateway

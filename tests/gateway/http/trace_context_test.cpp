#include "gateway/http/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace kwikgate::gateway::http {
namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kParent = "b7ad6b7169203331";
const std::string kValid = "00-" + kTrace + "-" + kParent + "-01";

TEST(TraceContext, JudgesTraceparents) {
    for (const std::string& good :
         {kValid, "00-" + kTrace + "-" + kParent + "-ff", "01-" + kTrace + "-" + kParent + "-00",
          "cc-" + kTrace + "-" + kParent + "-00-more"})
        EXPECT_TRUE(is_valid_traceparent(good)) << good;
    for (const std::string& bad :
         {std::string{}, std::string{"00"}, kValid.substr(0, 54), kValid + "-", kValid + "-more",
          kValid + "0", "ff-" + kTrace + "-" + kParent + "-01",
          "0g-" + kTrace + "-" + kParent + "-01", "01-" + kTrace + "-" + kParent + "-01more",
          "00-" + std::string(32, '0') + "-" + kParent + "-01",
          "00-" + kTrace + "-" + std::string(16, '0') + "-01",
          "00-" + kTrace + "-" + kParent + "-0x", "00_" + kTrace + "-" + kParent + "-01",
          "00-" + kTrace + "_" + kParent + "-01", "00-" + kTrace + "-" + kParent + "_01",
          "00-0AF7651916CD43DD8448EB211C80319C-" + kParent + "-01",
          "00-" + kTrace + "-B7AD6B7169203331-01", " " + kValid.substr(1)})
        EXPECT_FALSE(is_valid_traceparent(bad)) << bad;
}

TEST(TraceContext, CarriesATraceOnWithANewParent) {
    IdSource source;
    Traceparent out;
    continue_trace(kValid, source, out);
    const std::string text{out.view()};
    EXPECT_TRUE(is_valid_traceparent(text));
    EXPECT_EQ(text.substr(0, 36), "00-" + kTrace + "-");
    EXPECT_NE(text.substr(36, 16), kParent);
    EXPECT_EQ(text.substr(52), "-01");
}

TEST(TraceContext, KeepsTheFlagsThatItKnows) {
    IdSource source;
    Traceparent out;
    for (const auto& [sent, forwarded] : {std::pair{"00", "00"},
                                          {"01", "01"},
                                          {"02", "02"},
                                          {"03", "03"},
                                          {"ff", "03"},
                                          {"f4", "00"}}) {
        continue_trace("00-" + kTrace + "-" + kParent + "-" + sent, source, out);
        EXPECT_EQ(out.view().substr(53), forwarded) << sent;
    }
}

TEST(TraceContext, AnswersALaterVersionInOurs) {
    IdSource source;
    Traceparent out;
    continue_trace("cc-" + kTrace + "-" + kParent + "-01-more", source, out);
    EXPECT_EQ(out.view().substr(0, 35), "00-" + kTrace);
    EXPECT_EQ(out.view().size(), kTraceparentBytes);
}

TEST(TraceContext, TellsWhoseTraceItIsAndItsParts) {
    IdSource source;
    Traceparent out;
    EXPECT_TRUE(continue_trace(kValid, source, out));
    EXPECT_FALSE(continue_trace("", source, out));
    EXPECT_EQ(trace_id_of(kValid), kTrace);
    EXPECT_EQ(parent_id_of(kValid), kParent);
    EXPECT_TRUE(is_sampled(kValid));
    EXPECT_TRUE(is_sampled("00-" + kTrace + "-" + kParent + "-ff"));
    EXPECT_FALSE(is_sampled("00-" + kTrace + "-" + kParent + "-f2"));
}

TEST(TraceContext, ChangesTheSampledFlagAlone) {
    Traceparent out;
    for (const auto& [flags, sampled, not_sampled] : {std::tuple{"00", "01", "00"},
                                                      {"01", "01", "00"},
                                                      {"02", "03", "02"},
                                                      {"03", "03", "02"}}) {
        const std::string start = "00-" + kTrace + "-" + kParent + "-";
        out.assign(start + flags);
        set_sampled(out, true);
        EXPECT_EQ(out.view(), start + sampled);
        set_sampled(out, false);
        EXPECT_EQ(out.view(), start + not_sampled);
    }
}

TEST(TraceContext, StartsATraceWhereThereIsNone) {
    IdSource source;
    Traceparent first;
    Traceparent second;
    continue_trace("", source, first);
    continue_trace("00-" + kTrace, source, second);
    EXPECT_TRUE(is_valid_traceparent(first.view()));
    EXPECT_TRUE(is_valid_traceparent(second.view()));
    EXPECT_EQ(first.view().substr(52), "-00");
    EXPECT_NE(first.view().substr(3, 32), second.view().substr(3, 32));
}

}  // namespace
}  // namespace kwikgate::gateway::http

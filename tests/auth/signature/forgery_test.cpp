#include <random>

#include "tests/auth/signature/signing_fixture.hpp"

// What the whole of a signature's check is for: that nothing passes but what was signed.

namespace kwikgate::auth {
namespace {

using SignatureForgery = SigningFixture;

/// Flips bits anywhere in what is covered or in the signature itself.
class Mutator {
  public:
    explicit Mutator(unsigned seed) : random_(seed) {}
    /// False when the change means the same: only the case of the host.
    bool mutate(OwnedRequest& request) {
        const OwnedRequest before = request;
        std::string* const parts[] = {
            &request.method,           &request.target,          &request.authority,
            &request.scheme,           &*request.body,           &request.fields[0].second,
            &request.fields[1].second, &request.fields[2].second};
        for (std::size_t flips = 1 + below(3); flips > 0; --flips) {
            std::string& part = *parts[below(std::size(parts))];
            part[below(part.size())] ^= static_cast<char>(1U << below(8));
        }
        const bool same = request.method == before.method && request.target == before.target &&
                          request.body == before.body && request.fields == before.fields &&
                          lower(request.authority) == lower(before.authority) &&
                          lower(request.scheme) == lower(before.scheme);
        return !same;
    }

  private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    static std::string lower(std::string text) {
        for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return text;
    }
    std::mt19937 random_;
};

TEST_F(SignatureForgery, AcceptsNoneOfTenThousandMutations) {
    OwnedRequest original;
    original.method = "POST";
    original.target = "/2.0/payouts/request?draft=no";
    original.body = "{\"amount\":1200,\"to\":\"rcp_1\"}";
    sign(original);
    ASSERT_EQ(original.fields.size(), 3U);
    Mutator mutator(9421);
    ContentDigest digest;
    int judged = 0;
    while (judged < 10'000) {
        OwnedRequest request = original;
        if (!mutator.mutate(request)) continue;
        ++judged;
        if (judge(request, Access::write) != Reason::none) continue;
        digest.start(verified_.digests);
        digest.update(*request.body);
        ASSERT_FALSE(verified_.covers_digest && digest.finish())
            << request.method << " " << request.url() << "\n"
            << request.get("Signature-Input") << "\n"
            << request.get("Signature") << "\n"
            << *request.body;
        ASSERT_TRUE(verified_.covers_digest);
        ASSERT_NE(*request.body, *original.body);
    }
}

TEST_F(SignatureForgery, AcceptsNoSignatureOfAnotherComponentListOrOrder) {
    OwnedRequest request;
    request.target = "/a?b=1";
    sign_as(request, "(\"@method\" \"@authority\" \"@path\" \"@query\")");
    ASSERT_EQ(judge(request), Reason::none);
    const std::string input = request.get("Signature-Input");
    for (const std::string_view list :
         {"(\"@authority\" \"@method\" \"@path\" \"@query\")",
          "(\"@method\" \"@authority\" \"@path\" \"@query\" \"@scheme\")",
          "(\"@method\" \"@target-uri\")", "(\"@method\" \"@authority\" \"@request-target\")"}) {
        request.set("Signature-Input",
                    "sig=" + std::string(list) + input.substr(input.find(')') + 1));
        EXPECT_EQ(judge(request), Reason::credential_invalid) << list;
    }
}

TEST_F(SignatureForgery, GivesTheTokenOfAnotherNothing) {
    add_token("other-key", "other-secret");
    OwnedRequest request;
    sign(request, "n", kNow, "other-key", kSecret);
    EXPECT_EQ(judge(request), Reason::credential_invalid);
    sign(request, "n", kNow, "other-key", "other-secret");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(principal_.id.view(), "tok_0000000000000000000002");
}

}  // namespace
}  // namespace kwikgate::auth

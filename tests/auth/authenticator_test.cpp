#include "auth/authenticator.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kwikgate::auth {
namespace {

struct Fields {
    std::vector<FieldLine> lines;
    Fields(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
        for (const auto& [name, value] : fields) lines.push_back({name, value, field_name(name)});
    }
};

CredentialKind find(const Fields& fields) {
    RequestView view;
    view.fields = fields.lines;
    return find_credential(view);
}

constexpr std::string_view kBasic = "Basic a2V5OnNlY3JldA==";

TEST(FindCredential, TellsBasicFromSignature) {
    const CredentialKind basic = find({{"Host", "a"}, {"Authorization", kBasic}});
    EXPECT_TRUE(basic.decision.allowed());
    EXPECT_EQ(basic.scheme, Scheme::basic);
    const CredentialKind signature =
        find({{"signature", "sig1=:AA==:"}, {"SIGNATURE-INPUT", "sig1=();created=1"}});
    EXPECT_TRUE(signature.decision.allowed());
    EXPECT_EQ(signature.scheme, Scheme::signature);
}

TEST(FindCredential, RefusesAllElseWithItsReason) {
    const struct {
        Fields fields;
        Reason reason;
    } cases[] = {
        {{}, Reason::credential_missing},
        {{{"Host", "a"}, {"Proxy-Authorization", kBasic}, {"X-Api-Key", "key"}},
         Reason::credential_missing},
        {{{"Authorization", kBasic}, {"Signature", "s"}, {"Signature-Input", "s"}},
         Reason::credential_ambiguous},
        {{{"Authorization", kBasic}, {"Signature", "s"}}, Reason::credential_ambiguous},
        {{{"Signature-Input", "s"}, {"Authorization", kBasic}}, Reason::credential_ambiguous},
        {{{"Authorization", "Bearer x"}, {"Signature", "s"}, {"Signature-Input", "s"}},
         Reason::credential_ambiguous},
        {{{"Authorization", kBasic}, {"authorization", kBasic}}, Reason::duplicate_field},
        {{{"Signature", "s"}, {"Signature", "s"}, {"Signature-Input", "s"}},
         Reason::duplicate_field},
        {{{"Signature", "s"}, {"Signature-Input", "s"}, {"Signature-Input", "t"}},
         Reason::duplicate_field},
        {{{"Authorization", kBasic}, {"Authorization", kBasic}, {"Signature", "s"}},
         Reason::duplicate_field},
        {{{"Signature", "s"}}, Reason::credential_malformed},
        {{{"Signature-Input", "s"}}, Reason::credential_malformed},
        {{{"Authorization", "Bearer eyJhbGciOi"}}, Reason::credential_malformed},
        {{{"Authorization", "Digest username=\"x\""}}, Reason::credential_malformed},
        {{{"Authorization", ""}}, Reason::credential_malformed},
        {{{"Authorization", "Basic"}}, Reason::credential_malformed},
        {{{"Authorization", "Basic "}}, Reason::credential_malformed},
        {{{"Authorization", "Basica2V5OnNlY3JldA=="}}, Reason::credential_malformed},
        {{{"Authorization", "Basic\ta2V5OnNlY3JldA=="}}, Reason::credential_malformed},
        {{{"Authorization", "a2V5OnNlY3JldA=="}}, Reason::credential_malformed},
    };
    int number = 0;
    for (const auto& c : cases) {
        const CredentialKind found = find(c.fields);
        EXPECT_EQ(row(found.decision.reason).token, row(c.reason).token) << "case " << number;
        EXPECT_EQ(found.decision.phase, Phase::authenticate) << "case " << number;
        ++number;
    }
}

}  // namespace
}  // namespace kwikgate::auth

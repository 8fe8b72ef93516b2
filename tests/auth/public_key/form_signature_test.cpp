#include "auth/public_key/form_signature.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace kwikgate::auth {
namespace {

struct Read {
    std::string body;
    FormFields fields;
};

std::unique_ptr<Read> read(const std::string& body, bool is_json = false) {
    auto out = std::make_unique<Read>();
    out->body = body;
    EXPECT_TRUE(is_json ? read_flat_json(out->body, out->fields)
                        : read_urlencoded(out->body, out->fields))
        << body;
    return out;
}

/// Holds the order against that of a comparing sort.
void expect_sorted(const FormFields& form) {
    const SortedFields sorted = sort_fields(form);
    std::vector<bool> seen(form.count, false);
    bool has_duplicate = false;
    for (std::size_t i = 0; i < form.count; ++i) {
        ASSERT_LT(sorted.order[i], form.count);
        EXPECT_FALSE(seen[sorted.order[i]]) << "each field stands once";
        seen[sorted.order[i]] = true;
        if (i == 0) continue;
        const auto order =
            compare_text(form.fields[sorted.order[i - 1]].name, form.fields[sorted.order[i]].name);
        EXPECT_TRUE(order <= 0);
        has_duplicate = has_duplicate || order == 0;
    }
    EXPECT_EQ(sorted.has_duplicate, has_duplicate);
}

TEST(FormSignature, SortsNamesByTheirDecodedBytes) {
    expect_sorted(read("")->fields);
    expect_sorted(read("a=1")->fields);
    expect_sorted(read("b=1&a=2&aa=3&=4&%61b=5&%ff=6&z=7&+=8")->fields);
    EXPECT_FALSE(sort_fields(read("b=1&a=2&aa=3&=4")->fields).has_duplicate);
    EXPECT_TRUE(sort_fields(read("b=1&a=2&%61=3")->fields).has_duplicate);
    EXPECT_TRUE(sort_fields(read("=1&b=2&=3")->fields).has_duplicate);
    EXPECT_TRUE(
        sort_fields(read("{\"\\u00e9\":1,\"x\":2,\"\xc3\xa9\":3}", true)->fields).has_duplicate);
}

TEST(FormSignature, SortsRandomNamesThatBeginAlike) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        const std::size_t count = random() % kMaxFormFields;
        const std::size_t alphabet = 1 + random() % 4;
        std::string body;
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t length = random() % 12; length > 0; --length) {
                const char c = static_cast<char>('a' + random() % alphabet);
                if (random() % 4 == 0)
                    body += c == 'a' ? "%61" : c == 'b' ? "%62" : std::string(1, c);
                else
                    body += c;
            }
            body += "=&";
        }
        expect_sorted(read(body)->fields);
    }
}

TEST(FormSignature, SortsNamesThatDifferAtTheirEnd) {
    std::string body;
    for (int i = 0; i < 127; ++i)
        body += std::string(500, 'n') + std::to_string(i * 37 % 127) + "=1&";
    const auto form = read(body);
    expect_sorted(form->fields);
    EXPECT_FALSE(sort_fields(form->fields).has_duplicate);
}

/// docs/signing.md states it: a signature binds names and values, not how they were written.
TEST(FormSignature, IsTheSameForAFormAndAnObjectOfTheSameTexts) {
    const HmacKey key = derive_hmac_key("a secret");
    const auto mac = [&](const std::string& body, bool is_json) {
        const auto form = read(body, is_json);
        return form_mac(form->fields, sort_fields(form->fields), key);
    };
    const FormMac form = mac("amount=100&live=true&public_key=k", false);
    EXPECT_EQ(mac("{\"public_key\":\"k\",\"amount\":100,\"live\":true}", true), form);
    EXPECT_EQ(mac("{\"public_key\":\"k\",\"amount\":\"100\",\"live\":\"true\"}", true), form);
    EXPECT_NE(mac("{\"public_key\":\"k\",\"amount\":1e2,\"live\":true}", true), form);
    EXPECT_NE(mac("{\"public_key\":\"k\",\"amount\":100.0,\"live\":true}", true), form);
}

}  // namespace
}  // namespace kwikgate::auth

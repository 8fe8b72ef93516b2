#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/master_key.hpp"
#include "auth/principal.hpp"
#include "auth/replay_guard.hpp"
#include "auth/request_view.hpp"
#include "auth/secret.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "auth/signature/signer.hpp"
#include "store/store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::auth {

inline Timestamp at_seconds(std::int64_t seconds) {
    return Timestamp(std::chrono::milliseconds(seconds * 1000));
}

/// A request that owns its bytes.
struct OwnedRequest {
    std::string method = "GET";
    std::string target = "/2.0/customers/list";
    std::string authority = "api.example.com";
    std::string scheme = "https";
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<std::string> body;
    std::vector<FieldLine> lines;

    std::string url() const { return scheme + "://" + authority + target; }

    /// Valid until the request changes.
    RequestView view() {
        lines.clear();
        for (const auto& [name, value] : fields)
            lines.push_back(FieldLine{name, value, field_name(name)});
        RequestView view;
        view.method = method;
        view.target = target;
        const std::size_t mark = target.find('?');
        view.path = std::string_view(target).substr(0, mark);
        view.has_query = mark != std::string::npos;
        if (view.has_query) view.query = std::string_view(target).substr(mark + 1);
        view.authority = authority;
        view.scheme = scheme;
        view.fields = lines;
        view.has_body = body && !body->empty();
        return view;
    }
    void set(const std::string& name, std::string value) {
        for (auto& [known, old] : fields)
            if (known == name) {
                old = std::move(value);
                return;
            }
        fields.emplace_back(name, std::move(value));
    }
    std::string get(const std::string& name) const {
        for (const auto& [known, value] : fields)
            if (known == name) return value;
        return {};
    }
    void remove(const std::string& name) {
        std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    }
};

/// A store with tokens, and an authenticator over it.
class SigningFixture : public ::testing::Test {
  protected:
    static constexpr std::string_view kKey = "kwk_live_ak_0123456789abcdefghijkl";
    static constexpr std::string_view kSecret =
        "kwk_live_sk_a-secret-that-is-longer-than-one-block-of-the-hash-function-by-some-bytes";
    static constexpr std::int64_t kNow = 1'800'000'000;
    /// The least that covers a request without a body.
    static constexpr std::string_view kUsual = "(\"@method\" \"@target-uri\")";

    SigningFixture()
        : master_(MasterKey::generate()),
          sealer_(master_),
          store_(make_store()),
          reader_(make_reader()) {
        add_token(kKey, kSecret);
        authenticator_.emplace(reader_, sealer_);
    }

    store::Store make_store() {
        store::StoreOptions options;
        options.map_bytes = std::size_t{16} << 20;
        return store::Store::create(directory_.path() / "store", options).value();
    }
    store::Reader make_reader() { return store_.reader().value(); }

    store::SecretRecord seal(std::string_view secret, std::string_view id,
                             std::uint32_t generation) {
        store::SecretRecord record;
        record.sealed_key = sealer_.seal(derive_hmac_key(secret), id).value();
        record.generation = generation;
        return record;
    }

    store::TokenRecord add_token(std::string_view key, std::string_view secret,
                                 void (*change)(store::TokenRecord&) = nullptr) {
        store::TokenRecord record;
        const std::string digits = std::to_string(++tokens_);
        record.id = "tok_" + std::string(22 - digits.size(), '0') + digits;
        record.name = "token " + digits;
        record.api_key = key;
        record.public_key = "kwk_live_pk_" + std::string(22 - digits.size(), '0') + digits;
        record.readable.add(static_cast<SectionId>(1));
        record.secret = seal(secret, record.id, 1);
        if (change != nullptr) change(record);
        EXPECT_TRUE(store_.write([&](store::Write& write) { return write.insert_token(record); }));
        return record;
    }
    void update(store::TokenRecord& record) {
        ++record.version;
        EXPECT_TRUE(store_.write([&](store::Write& write) { return write.update_token(record); }));
    }
    /// Gives the token a second secret; the first stays good until `overlap_ends`.
    void rotate(store::TokenRecord& record, std::string_view secret, Timestamp overlap_ends) {
        record.previous_secret = record.secret;
        record.previous_secret->valid_until = overlap_ends;
        record.secret = seal(secret, record.id, 2);
        update(record);
    }

    /// Signs as our own signer does and puts the fields in.
    static void sign(OwnedRequest& request, std::string_view nonce = "nonce-0001",
                     std::int64_t created = kNow, std::string_view key = kKey,
                     std::string_view secret = kSecret,
                     std::optional<Timestamp> expires = std::nullopt) {
        SigningInput input;
        const std::string url = request.url();
        input.method = request.method;
        input.url = url;
        if (request.body) input.body = *request.body;
        input.api_key = key;
        input.created = at_seconds(created);
        input.expires = expires;
        input.nonce = nonce;
        const auto fields = sign_request(input, derive_hmac_key(secret));
        ASSERT_TRUE(fields);
        if (request.body) request.set("Content-Digest", fields->content_digest);
        request.set("Signature-Input", fields->signature_input);
        request.set("Signature", fields->signature);
    }

    /// Signs any list of components with any parameters; `parameters` empty: the usual ones.
    static void sign_as(OwnedRequest& request, std::string_view components,
                        std::string parameters = {}, std::string_view label = "sig") {
        if (parameters.empty()) parameters = usual_parameters();
        const auto fields = sign_components(request.view(), label, components, parameters,
                                            derive_hmac_key(kSecret));
        ASSERT_TRUE(fields) << components << parameters;
        request.set("Signature-Input", fields->signature_input);
        request.set("Signature", fields->signature);
    }
    static std::string usual_parameters() {
        return ";created=" + std::to_string(kNow) + ";keyid=\"" + std::string(kKey) +
               "\";nonce=\"nonce-0001\"";
    }

    Reason judge(OwnedRequest& request, Access access = Access::read,
                 Timestamp now = at_seconds(kNow)) {
        principal_ = Principal{};
        return authenticator_->authenticate(request.view(), access, now, principal_, verified_)
            .reason;
    }

    tests::TemporaryDirectory directory_;
    MasterKey master_;
    Sealer sealer_;
    store::Store store_;
    store::Reader reader_;
    int tokens_ = 0;
    std::optional<SignatureAuthenticator> authenticator_;
    Principal principal_;
    VerifiedSignature verified_;
};

}  // namespace kwikgate::auth

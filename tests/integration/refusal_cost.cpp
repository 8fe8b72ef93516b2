#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.hpp"
#include "auth/base64.hpp"
#include "auth/credential.hpp"
#include "auth/public_key/form_scheme.hpp"
#include "auth/signature/signature_scheme.hpp"
#include "auth/signature/signer.hpp"
#include "auth/token_service.hpp"
#include "tests/support/temporary_directory.hpp"

// Refuses a number of requests of one kind, for callgrind to count what that costs:
//
//     refusal_cost SCHEME CLIENT
//
// SCHEME is basic, signature or form. CLIENT is `unknown` (no token has its key), `wrong` (the key
// of a token with one secret, and another secret), `rotated` (of a token with two) or `disabled`.
namespace kwikgate::auth {
namespace {

constexpr int kTokens = 128;
constexpr Timestamp kNow = Timestamp(std::chrono::hours(24 * 20'000));
constexpr std::string_view kWrongSecret =
    "kwk_live_sk_0000000000000000000000000000000000000000000000000000000000000000000000";

/// One refused request, with all that its view borrows.
struct Attempt {
    std::string authorization, input, signature, body;
    std::array<FieldLine, 3> fields;
    RequestView view;
};

class World {
  public:
    World() : key_(MasterKey::generate()), store_(make_store(directory_)) {
        if (!register_sections(store_, {}) || !bind_master_key(store_, key_))
            throw std::runtime_error("no store");
    }
    /// The keys that the clients of this kind name.
    std::vector<store::TokenRecord> clients(std::string_view kind) {
        TokenService service(store_, key_, "cli:tester", [] { return kNow; });
        std::vector<ImportItem> items(kTokens);
        for (ImportItem& item : items) {
            item.spec.name = "Shop";
            item.spec.sections = std::vector<std::string>{"payments"};
        }
        std::vector<store::TokenRecord> out;
        for (const IssuedToken& issued : *service.import(std::move(items)))
            out.push_back(issued.record);
        for (store::TokenRecord& record : out) {
            if (kind == "rotated") (void)service.rotate(record.id, std::chrono::hours(1));
            if (kind == "disabled") (void)service.set_status(record.id, TokenStatus::disabled);
            if (kind != "unknown") continue;
            record.api_key = *generate_api_key(Environment::live);
            record.public_key = *generate_public_key(Environment::live);
        }
        return out;
    }
    store::Reader reader() { return *store_.reader(); }
    const MasterKey& key() const { return key_; }

  private:
    static store::Store make_store(const tests::TemporaryDirectory& directory) {
        store::StoreOptions options;
        options.map_bytes = std::size_t{32} << 20U;
        return *store::Store::create(directory.path() / "store", options);
    }
    tests::TemporaryDirectory directory_;
    MasterKey key_;
    store::Store store_;
};

void fill(Attempt& attempt, std::string_view scheme, const store::TokenRecord& client) {
    RequestView& view = attempt.view;
    view.method = "POST";
    view.target = view.path = "/things";
    view.authority = "gate.test";
    view.scheme = "http";
    view.fields = attempt.fields;
    if (scheme == "basic") {
        const std::string pair = client.api_key + ":" + std::string(kWrongSecret);
        attempt.authorization =
            "Basic " +
            encode_base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
        attempt.fields[0] = {"authorization", attempt.authorization, FieldName::authorization};
    } else if (scheme == "signature") {
        SigningInput input;
        input.method = "POST";
        input.url = "http://gate.test/things";
        input.api_key = client.api_key;
        input.created = kNow;
        input.nonce = "a-nonce";
        const auto signed_fields = sign_request(input, derive_hmac_key(kWrongSecret));
        attempt.input = signed_fields->signature_input;
        attempt.signature = signed_fields->signature;
        attempt.fields[0] = {"signature-input", attempt.input, FieldName::signature_input};
        attempt.fields[1] = {"signature", attempt.signature, FieldName::signature};
    } else {
        attempt.fields[0] = {"content-type", "application/x-www-form-urlencoded",
                             FieldName::content_type};
        attempt.body =
            "public_key=" + client.public_key + "&item_amount=20&signature=" + std::string(64, '0');
    }
}

}  // namespace
}  // namespace kwikgate::auth

// What callgrind counts: with a name of its own, and never a part of its caller.
extern "C" {

[[gnu::noinline]] int refuse_basic(kwikgate::auth::BasicAuthenticator& basic,
                                   std::vector<kwikgate::auth::Attempt>& attempts) {
    using namespace kwikgate::auth;
    int refused = 0;
    Principal principal;
    for (const Attempt& attempt : attempts)
        refused +=
            basic.authenticate(attempt.view, kNow, principal).reason == Reason::credential_invalid;
    return refused;
}

[[gnu::noinline]] int refuse_signature(kwikgate::auth::SignatureAuthenticator& signature,
                                       std::vector<kwikgate::auth::Attempt>& attempts) {
    using namespace kwikgate::auth;
    int refused = 0;
    Principal principal;
    VerifiedSignature verified;
    for (const Attempt& attempt : attempts)
        refused +=
            signature.authenticate(attempt.view, Access::write, kNow, principal, verified).reason ==
            Reason::credential_invalid;
    return refused;
}

[[gnu::noinline]] int refuse_form(kwikgate::auth::FormAuthenticator& form,
                                  std::vector<kwikgate::auth::Attempt>& attempts) {
    using namespace kwikgate::auth;
    int refused = 0;
    Principal principal;
    FormFinding finding;
    for (const Attempt& attempt : attempts)
        refused += form.authenticate(attempt.view, attempt.body, kNow, principal, finding).reason ==
                   Reason::credential_invalid;
    return refused;
}

}  // extern "C"

namespace {

/// True when all were refused.
bool refuse(std::string_view scheme, std::string_view client) {
    using namespace kwikgate::auth;
    World world;
    const auto clients = world.clients(client);
    std::vector<Attempt> attempts(clients.size());
    for (std::size_t i = 0; i < clients.size(); ++i) fill(attempts[i], scheme, clients[i]);
    auto reader = world.reader();
    Sealer sealer(world.key());
    int refused = 0;
    if (scheme == "basic") {
        BasicAuthenticator basic(reader, sealer);
        refused = refuse_basic(basic, attempts);
    } else if (scheme == "signature") {
        SignatureAuthenticator signature(reader, sealer);
        refused = refuse_signature(signature, attempts);
    } else {
        FormAuthenticator form(reader, sealer);
        refused = refuse_form(form, attempts);
    }
    std::printf("%d\n", refused);
    return refused == kTokens;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return 2;
    try {
        return refuse(arguments[1], arguments[2]) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "refusal_cost: %s\n", error.what());
        return 1;
    }
}

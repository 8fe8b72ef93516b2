#include "auth/rekey.hpp"

#include "auth/actor.hpp"

namespace kwikgate::auth {

ServiceResult<bool> is_sealed_under(store::Store& store, const MasterKey& key) {
    auto reader = store.reader();
    if (!reader) return service_error(reader.error());
    const auto snapshot = reader->snapshot();
    if (!snapshot) return service_error(snapshot.error());
    const auto stored = snapshot->meta(kKeyCheck);
    if (!stored) return service_error(stored.error());
    return stored->has_value() && **stored == key.check_value();
}

ServiceResult<std::uint64_t> rekey(store::Store& store, const MasterKey& current,
                                   const MasterKey& next, const std::string& actor, Timestamp now,
                                   std::atomic<std::uint64_t>* sealed_count) {
    if (!is_valid_actor(actor)) return service_error(Errc::invalid_actor);
    const auto is_current = is_sealed_under(store, current);
    if (!is_current) return is_current.error();
    if (!*is_current) return service_error(store::Errc::wrong_master_key);
    Sealer opening(current);
    Sealer sealing(next);
    std::string unopened;
    const auto reseal = [&](store::SecretRecord& secret,
                            std::string_view id) -> store::Result<void> {
        HmacKey key;
        if (!opening.open(secret.sealed_key, id, key)) {
            unopened = id;
            return store::Errc::wrong_master_key;
        }
        auto sealed = sealing.seal(key, id);
        if (!sealed) return sealed.error();
        secret.sealed_key = *sealed;
        if (sealed_count != nullptr) sealed_count->fetch_add(1, std::memory_order_relaxed);
        return {};
    };
    std::uint64_t tokens = 0;
    const auto written = store.write([&](store::Write& write) -> store::Result<void> {
        if (sealed_count != nullptr) *sealed_count = 0;  // It may run again.
        const auto count = write.change_secrets(reseal);
        if (!count) return count.error();
        tokens = *count;
        if (auto put = write.put_meta(kKeyCheck, next.check_value()); !put) return put;
        return write.append_audit({0, now, actor, "store.rekey", "", "", ""});
    });
    if (!unopened.empty())
        return ServiceError{store::Errc::wrong_master_key,
                            "The secret of token " + unopened +
                                " cannot be opened with the present master key; nothing was "
                                "changed."};
    if (!written) return service_error(written.error());
    return tokens;
}

}  // namespace kwikgate::auth

#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "auth/master_key.hpp"
#include "auth/token_service.hpp"
#include "store/store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::auth {

/// A store with the seed sections, a master key and a service whose clock the test moves.
class TokenFixture : public testing::Test {
  protected:
    TokenFixture() : key_(MasterKey::generate()), store_(make_store()) {
        if (!register_sections(store_, {}) || !bind_master_key(store_, key_))
            throw std::runtime_error("no store");
    }

    TokenService service(std::string actor = "cli:tester") {
        return {store_, key_, std::move(actor), [this] { return now_; }};
    }
    static TokenSpec spec(std::string name = "Shop", bool read_write = false) {
        TokenSpec out;
        out.name = std::move(name);
        out.sections = std::vector<std::string>{"customers", "payments"};
        out.read_write = read_write;
        return out;
    }
    IssuedToken create(const TokenSpec& wanted) {
        auto issued = service().create(wanted);
        if (!issued) throw std::runtime_error(issued.error().detail);
        return std::move(*issued);
    }
    std::vector<store::AuditEntry> audit() {
        std::vector<store::AuditEntry> entries;
        auto reader = store_.reader();
        auto snapshot = reader->snapshot();
        const auto visited = snapshot->for_each_audit(0, [&](const store::AuditEntry& entry) {
            entries.push_back(entry);
            return true;
        });
        EXPECT_TRUE(visited);
        return entries;
    }
    SectionId section(std::string_view slug) {
        auto reader = store_.reader();
        for (const auto& [id, known] : *reader->snapshot()->sections())
            if (known == slug) return id;
        throw std::runtime_error("no such section");
    }
    /// Replaces the stored record by what `edit` makes of it, past the service.
    template <class Edit>
    void tamper(const std::string& id, const Edit& edit) {
        const auto written = store_.write([&](store::Write& write) -> store::Result<void> {
            auto record = write.token_by_id(id);
            if (!record) return record.error();
            edit(**record);
            ++(*record)->version;
            return write.update_token(**record);
        });
        ASSERT_TRUE(written) << written.error().message();
    }

    tests::TemporaryDirectory directory_;
    Timestamp now_{std::chrono::milliseconds{1'800'000'000'000}};
    MasterKey key_;
    store::Store store_;

  private:
    store::Store make_store() {
        auto made = store::Store::create(directory_.path() / "store");
        if (!made) throw std::runtime_error(made.error().message());
        return std::move(*made);
    }
};

}  // namespace kwikgate::auth

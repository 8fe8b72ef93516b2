#include "auth/admin_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/base62.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

using testing::HasSubstr;
using testing::Not;

class AdminKey : public TokenFixture {
  protected:
    ServiceResult<IssuedAdminKey> make(std::string_view name, std::string_view role,
                                       std::string_view actor = "cli:tester") {
        return create_admin_key(store_, name, role, actor, [this] { return now_; });
    }
    std::vector<store::AdminKeyRecord> stored() {
        auto reader = store_.reader();
        return *reader->snapshot()->admin_keys();
    }
};

TEST_F(AdminKey, IsShownOnceAndFoundByItsHash) {
    const auto first = make("Console", "admin");
    const auto second = make("Dashboard", "viewer");
    ASSERT_TRUE(first && second);
    const std::string key(first->key.expose());
    EXPECT_TRUE(key.starts_with("kwk_admin_"));
    EXPECT_EQ(key.size(), 10U + 43U);
    EXPECT_TRUE(is_base62(std::string_view(key).substr(10)));
    const auto records = stored();
    ASSERT_EQ(records.size(), 2U);
    const auto* found = find_admin_key(records, key);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->id, first->record.id);
    EXPECT_EQ(found->role, "admin");
    EXPECT_EQ(found->created_at, now_);
    EXPECT_EQ(find_admin_key(records, second->key.expose())->name, "Dashboard");
    EXPECT_EQ(find_admin_key(records, key + "x"), nullptr);
    EXPECT_EQ(find_admin_key(records, ""), nullptr);
    EXPECT_EQ(find_admin_key({}, key), nullptr);
}

TEST_F(AdminKey, IsAuditedWithoutTheKey) {
    const auto issued = make("Console", "admin");
    ASSERT_TRUE(issued);
    ASSERT_EQ(audit().size(), 1U);
    EXPECT_EQ(audit()[0].action, "admin_key.create");
    EXPECT_THAT(audit()[0].after, HasSubstr(issued->record.id));
    EXPECT_THAT(audit()[0].after, Not(HasSubstr("kwk_admin_")));
}

TEST_F(AdminKey, RefusesWhatItCannotHold) {
    EXPECT_EQ(make("", "admin").error().code, Errc::invalid_name);
    EXPECT_EQ(make("Console", "root").error().code, store::Errc::invalid_argument);
    EXPECT_EQ(make("Console", "admin", "").error().code, Errc::invalid_actor);
    EXPECT_TRUE(stored().empty());
}

TEST_F(AdminKey, StopsWorkingWhenErased) {
    const auto issued = make("Console", "admin");
    const auto clock = [this] { return now_; };
    ASSERT_TRUE(erase_admin_key(store_, issued->record.id, "cli:tester", clock));
    EXPECT_EQ(find_admin_key(stored(), issued->key.expose()), nullptr);
    EXPECT_EQ(audit().back().action, "admin_key.delete");
    EXPECT_EQ(erase_admin_key(store_, issued->record.id, "cli:tester", clock).error().code,
              store::Errc::not_found);
    EXPECT_EQ(audit().size(), 2U);
}

}  // namespace
}  // namespace kwikgate::auth

#include "gateway/admin/token_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/auth/token_fixture.hpp"

namespace kwikgate::gateway::admin {
namespace {

class TokenListTest : public auth::TokenFixture {
  protected:
    void make(std::size_t count) {
        std::vector<auth::ImportItem> items(count);
        for (std::size_t i = 0; i < count; ++i) items[i].spec = spec("Shop " + std::to_string(i));
        ASSERT_TRUE(service().import(std::move(items)));
    }
    TokenPage page(const TokenQuery& query) {
        auto reader = store_.reader();
        const auto snapshot = reader->snapshot();
        auto listed = list_tokens(*snapshot, query);
        EXPECT_TRUE(listed) << listed.error().message();
        return std::move(*listed);
    }
    /// The names of all pages, one after the other.
    std::vector<std::string> all(TokenQuery query) {
        std::vector<std::string> names;
        do {
            const TokenPage listed = page(query);
            for (const ListedToken& token : listed.tokens) names.push_back(token.record.name);
            query.cursor = listed.next_cursor;
        } while (!query.cursor.empty());
        return names;
    }
};

TEST_F(TokenListTest, LooksAtABoundedNumberAndGoesOnFromThere) {
    make(kMostVisited + 10);
    TokenQuery query;
    query.is_descending = false;
    query.text = "shop " + std::to_string(kMostVisited + 5);
    const TokenPage first = page(query);
    EXPECT_TRUE(first.tokens.empty());
    ASSERT_FALSE(first.next_cursor.empty());
    query.cursor = first.next_cursor;
    const TokenPage second = page(query);
    ASSERT_EQ(second.tokens.size(), 1U);
    EXPECT_TRUE(second.next_cursor.empty());
}

TEST_F(TokenListTest, PagesThroughEqualNamesWithoutLossOrRepetition) {
    for (int i = 0; i < 7; ++i) create(spec("Same"));
    create(spec("Other"));
    for (const TokenOrder order : {TokenOrder::created, TokenOrder::name, TokenOrder::last_used}) {
        for (const bool is_descending : {false, true}) {
            TokenQuery query;
            query.order = order;
            query.is_descending = is_descending;
            query.limit = 3;
            EXPECT_EQ(all(query).size(), 8U);
        }
    }
    TokenQuery query;
    query.order = TokenOrder::name;
    query.is_descending = false;
    query.limit = 1;
    EXPECT_EQ(all(query).front(), "Other");
}

TEST_F(TokenListTest, GoesOnAfterATokenThatWasDeletedMeanwhile) {
    make(6);
    TokenQuery query;
    query.limit = 2;
    for (const TokenOrder order : {TokenOrder::created, TokenOrder::name}) {
        query.order = order;
        query.cursor.clear();
        const TokenPage first = page(query);
        ASSERT_TRUE(service().erase(first.tokens.back().record.id));
        query.cursor = first.next_cursor;
        for (const ListedToken& token : page(query).tokens)
            EXPECT_NE(token.record.id, first.tokens.front().record.id);
        EXPECT_EQ(page(query).tokens.size(), 2U);
    }
}

TEST_F(TokenListTest, SaysThatNothingFollowsAFullLastPage) {
    make(4);
    for (const TokenOrder order : {TokenOrder::created, TokenOrder::name}) {
        TokenQuery query;
        query.order = order;
        query.limit = 4;
        EXPECT_EQ(page(query).tokens.size(), 4U);
        EXPECT_EQ(page(query).next_cursor, "");
    }
}

}  // namespace
}  // namespace kwikgate::gateway::admin

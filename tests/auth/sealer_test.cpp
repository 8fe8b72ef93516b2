#include <gtest/gtest.h>

#include <set>

#include "auth/master_key.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kId = "tok_0123456789abcdefghijkl";

HmacKey some_key() {
    return derive_hmac_key("kwk_live_sk_of-some-token");
}

TEST(Sealer, OpensWhatItSealed) {
    const MasterKey master = MasterKey::generate();
    Sealer sealer(master);
    for (int i = 0; i < 100; ++i) {
        const HmacKey key = derive_hmac_key("secret number " + std::to_string(i));
        const auto sealed = sealer.seal(key, kId);
        ASSERT_TRUE(sealed);
        HmacKey opened;
        ASSERT_TRUE(sealer.open(*sealed, kId, opened));
        EXPECT_TRUE(constant_time_equal(opened.expose(), key.expose()));
    }
}

TEST(Sealer, OfAnotherThreadOpensToo) {
    const MasterKey master = MasterKey::generate();
    Sealer first(master);
    Sealer second(master);
    const auto sealed = first.seal(some_key(), kId);
    HmacKey opened;
    EXPECT_TRUE(second.open(*sealed, kId, opened));
    Sealer moved(std::move(second));
    EXPECT_TRUE(moved.open(*sealed, kId, opened));
}

TEST(Sealer, DoesNotOpenForAnotherTokenOrMasterKey) {
    const MasterKey master = MasterKey::generate();
    const MasterKey other_master = MasterKey::generate();
    Sealer sealer(master);
    Sealer other(other_master);
    const auto sealed = sealer.seal(some_key(), kId);
    HmacKey opened;
    EXPECT_FALSE(sealer.open(*sealed, "tok_0123456789abcdefghijkm", opened));
    EXPECT_FALSE(sealer.open(*sealed, "", opened));
    EXPECT_FALSE(sealer.open(*sealed, std::string(1000, 'x'), opened));
    EXPECT_FALSE(other.open(*sealed, kId, opened));
    EXPECT_TRUE(sealer.open(*sealed, kId, opened)) << "a failure does not spoil the context";
}

TEST(Sealer, OneFlippedBitAnywhereDoesNotOpenAndLeavesNothing) {
    const MasterKey master = MasterKey::generate();
    Sealer sealer(master);
    const auto sealed = sealer.seal(some_key(), kId);
    for (std::size_t bit = 0; bit < sizeof(store::SealedKey) * 8; ++bit) {
        store::SealedKey changed = *sealed;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        HmacKey opened = some_key();
        ASSERT_FALSE(sealer.open(changed, kId, opened)) << bit;
        ASSERT_TRUE(constant_time_equal(opened.expose(), HmacKey().expose())) << bit;
    }
}

TEST(Sealer, NeverUsesANonceTwice) {
    const MasterKey master = MasterKey::generate();
    Sealer sealer(master);
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i) {
        const auto sealed = sealer.seal(some_key(), kId);
        EXPECT_TRUE(nonces.emplace(sealed->begin(), sealed->begin() + 12).second);
    }
}

TEST(Sealer, DoesNotStoreTheKeyInTheOpen) {
    const MasterKey master = MasterKey::generate();
    Sealer sealer(master);
    const HmacKey key = some_key();
    const auto sealed = sealer.seal(key, kId);
    EXPECT_FALSE(std::equal(key.expose().begin(), key.expose().begin() + 16, sealed->begin() + 12));
    EXPECT_FALSE(sealer.seal(key, std::string(257, 'x')));
}

}  // namespace
}  // namespace kwikgate::auth

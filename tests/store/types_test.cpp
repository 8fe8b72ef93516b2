#include "store/types.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kwikgate::store {
namespace {

TEST(SectionSet, HoldsWhatWasAdded) {
    SectionSet set;
    EXPECT_TRUE(set.empty());
    const std::vector<SectionId> members = {SectionId{0}, SectionId{63}, SectionId{64},
                                            SectionId{127}};
    for (const SectionId id : members) set.add(id);
    EXPECT_EQ(set.count(), 4);
    EXPECT_FALSE(set.contains(SectionId{1}));
    std::vector<SectionId> seen;
    set.for_each([&seen](SectionId id) { seen.push_back(id); });
    EXPECT_EQ(seen, members);
    EXPECT_EQ(SectionSet::from_words(set.words()), set);
    for (const SectionId id : members) set.remove(id);
    EXPECT_TRUE(set.empty());
}

TEST(IpRange, ContainsAddressesThatShareThePrefix) {
    struct Case {
        std::uint8_t prefix_bits;
        std::uint8_t last_byte;
        bool is_inside;
    };
    IpRange range;
    range.address.bytes[15] = 0b1010'0000;
    for (const Case& c :
         {Case{128, 0b1010'0000, true}, Case{128, 0b1010'0001, false}, Case{124, 0b1010'1111, true},
          Case{124, 0b1011'0000, false}, Case{121, 0b1111'1111, true},
          Case{121, 0b0111'1111, false}, Case{0, 0xff, true}}) {
        range.prefix_bits = c.prefix_bits;
        IpAddress address;
        address.bytes[15] = c.last_byte;
        EXPECT_EQ(range.contains(address), c.is_inside)
            << int{c.prefix_bits} << " " << int{c.last_byte};
    }
}

}  // namespace
}  // namespace kwikgate::store

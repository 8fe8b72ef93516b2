#include "auth/signature/structured_field.hpp"
#include "auth/signature/canonical_field.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Runs the JSON cases of the IETF HTTP working group (httpwg/structured-field-tests), which are not
// part of this repository: KWIKGATE_SF_TESTS names their folder, or they lie beside the project.

namespace kwikgate::auth {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::array;
using simdjson::dom::element;

fs::path suite_folder() {
    if (const char* named = std::getenv("KWIKGATE_SF_TESTS")) return named;
    return fs::path(KWIKGATE_SOURCE_DIR) / ".." / "shared" / "data" / "structured-field-tests";
}

std::vector<fs::path> case_files(const fs::path& folder) {
    std::vector<fs::path> files;
    if (!fs::is_directory(folder)) return files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    return files;
}

std::string base32(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint64_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 5; count -= 5) text += kAlphabet[bits >> (count - 5) & 31];
    }
    if (count > 0) text += kAlphabet[bits << (5 - count) & 31];
    while (text.size() % 8 != 0) text += '=';
    return text;
}

std::string unbase32(std::string_view text) {
    std::string bytes;
    std::uint64_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 5 | static_cast<unsigned>(c >= 'A' ? c - 'A' : c - '2' + 26);
        count += 5;
        if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
    }
    return bytes;
}

// Both sides of a comparison are brought into one plain text notation: type, value, parameters.

std::string quoted(std::string_view type, std::string_view text) {
    return std::string(type) + "<" + std::string(text) + ">";
}

std::string note_bare(const BareItem& item) {
    std::vector<char> memory(item.raw.size() + 1);
    BoundedText text(memory);
    switch (item.type) {
        case ItemType::integer:
            return quoted("int", std::to_string(item.number));
        case ItemType::decimal:
            return quoted("dec", std::to_string(item.number));
        case ItemType::string:
            EXPECT_TRUE(decode_text(item, text));
            return quoted("str", text.view());
        case ItemType::token:
            return quoted("tok", item.raw);
        case ItemType::byte_sequence: {
            BareItem copy = item;
            std::string bytes;
            // Decoded by other code than the parser's, so that a mistake in one shows.
            std::uint32_t bits = 0;
            int count = 0;
            for (const char c : copy.raw) {
                if (c == '=') break;
                const auto at = std::string_view(
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
                                    "yz0123456789+/")
                                    .find(c);
                bits = bits << 6 | static_cast<std::uint32_t>(at);
                count += 6;
                if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
            }
            return quoted("bin", base32(bytes));
        }
        case ItemType::boolean:
            return quoted("bool", item.number != 0 ? "1" : "0");
        case ItemType::date:
            return quoted("date", std::to_string(item.number));
        case ItemType::display_string:
            EXPECT_TRUE(decode_text(item, text));
            return quoted("disp", text.view());
    }
    return {};
}

using Members = std::vector<std::pair<std::string, std::string>>;

void put_member(Members& members, std::string_view key, std::string value) {
    for (auto& [name, old] : members)
        if (name == key) {
            old = std::move(value);
            return;
        }
    members.emplace_back(key, std::move(value));
}

std::string note_members(const Members& members) {
    std::string text;
    for (const auto& [key, value] : members) text += key + "=" + value + " ";
    return text;
}

std::string read_parameters(FieldParser& parser) {
    Members members;
    FieldParameter parameter;
    while (parser.next_parameter(parameter))
        put_member(members, parameter.key, note_bare(parameter.value));
    return "{" + note_members(members) + "}";
}

std::string read_member(FieldParser& parser) {
    BareItem item;
    if (!parser.open_list()) {
        if (!parser.bare_item(item)) return {};
        const std::string bare = note_bare(item);
        return bare + read_parameters(parser);
    }
    std::string text = "(";
    while (parser.next_in_list(item)) {
        text += note_bare(item);
        text += read_parameters(parser) + " ";
    }
    return text + ")" + read_parameters(parser);
}

/// The whole field in notation, or nothing when it does not parse.
std::optional<std::string> read_field(std::string_view type,
                                      const std::vector<std::string>& lines) {
    std::string list;
    Members members;
    if (type == "item" && lines.size() != 1) return std::nullopt;
    for (const std::string& line : lines) {
        FieldParser parser(line);
        parser.start();
        if (type == "item") {
            list = read_member(parser);
            if (line.find('(') == 0) return std::nullopt;
        } else {
            bool is_empty = true;
            for (; parser.more(); is_empty = false) {
                std::string_view key;
                if (type == "list") {
                    list += read_member(parser) + " ";
                } else if (parser.key(key)) {
                    std::string value =
                        parser.equals() ? read_member(parser) : "bool<1>" + read_parameters(parser);
                    put_member(members, key, std::move(value));
                }
            }
            if (is_empty && lines.size() > 1) return std::nullopt;
        }
        if (!parser.finished()) return std::nullopt;
    }
    return type == "dictionary" ? note_members(members) : list;
}

// --- the same notation from the expected JSON -------------------------------------------------

std::string expect_bare(element value) {
    switch (value.type()) {
        case simdjson::dom::element_type::INT64:
        case simdjson::dom::element_type::UINT64:
            return quoted("int", std::to_string(std::int64_t(value)));
        case simdjson::dom::element_type::DOUBLE:
            return quoted("dec", std::to_string(std::llround(double(value) * 1000)));
        case simdjson::dom::element_type::STRING:
            return quoted("str", std::string_view(value));
        case simdjson::dom::element_type::BOOL:
            return quoted("bool", bool(value) ? "1" : "0");
        default:
            break;
    }
    const std::string_view kind = value["__type"];
    const element inner = value["value"];
    if (kind == "token") return quoted("tok", std::string_view(inner));
    if (kind == "binary") return quoted("bin", std::string_view(inner));
    if (kind == "date") return quoted("date", std::to_string(std::int64_t(inner)));
    return quoted("disp", std::string_view(inner));
}

std::string expect_parameters(element parameters) {
    std::string text = "{";
    for (element pair : array(parameters))
        text += std::string(std::string_view(pair.at(0))) + "=" + expect_bare(pair.at(1)) + " ";
    return text + "}";
}

std::string expect_member(element member) {
    if (member.at(0).type() != simdjson::dom::element_type::ARRAY)
        return expect_bare(member.at(0)) + expect_parameters(member.at(1));
    std::string text = "(";
    for (element item : array(member.at(0)))
        text += expect_bare(item.at(0)) + expect_parameters(item.at(1)) + " ";
    return text + ")" + expect_parameters(member.at(1));
}

std::string expect_field(std::string_view type, element expected) {
    if (type == "item") return expect_member(expected);
    std::string text;
    for (element member : array(expected)) {
        if (type == "dictionary")
            text += std::string(std::string_view(member.at(0))) + "=" +
                    expect_member(member.at(1)) + " ";
        else
            text += expect_member(member) + " ";
    }
    return text;
}

// --- serialising the expected JSON ------------------------------------------------------------

bool serialise_bare(element value, BoundedText& out) {
    switch (value.type()) {
        case simdjson::dom::element_type::INT64:
        case simdjson::dom::element_type::UINT64:
            return write_integer(std::int64_t(value), out);
        case simdjson::dom::element_type::DOUBLE:
            return write_decimal(double(value), out);
        case simdjson::dom::element_type::STRING:
            return write_string(std::string_view(value), out);
        case simdjson::dom::element_type::BOOL:
            write_boolean(bool(value), out);
            return true;
        default:
            break;
    }
    const std::string_view kind = value["__type"];
    const element inner = value["value"];
    if (kind == "token") return write_token(std::string_view(inner), out);
    if (kind == "date") return write_date(std::int64_t(inner), out);
    if (kind == "displaystring") return write_display_string(std::string_view(inner), out);
    const std::string bytes = unbase32(std::string_view(inner));
    write_byte_sequence({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, out);
    return true;
}

bool is_true(element value) {
    return value.type() == simdjson::dom::element_type::BOOL && bool(value);
}

bool serialise_parameters(element parameters, BoundedText& out) {
    for (element pair : array(parameters)) {
        out.put(';');
        if (!write_key(std::string_view(pair.at(0)), out)) return false;
        if (is_true(pair.at(1))) continue;
        out.put('=');
        if (!serialise_bare(pair.at(1), out)) return false;
    }
    return true;
}

bool serialise_member(element member, BoundedText& out) {
    if (member.at(0).type() == simdjson::dom::element_type::ARRAY) {
        out.put('(');
        bool first = true;
        for (element item : array(member.at(0))) {
            if (!first) out.put(' ');
            first = false;
            if (!serialise_bare(item.at(0), out) || !serialise_parameters(item.at(1), out))
                return false;
        }
        out.put(')');
    } else if (!serialise_bare(member.at(0), out)) {
        return false;
    }
    return serialise_parameters(member.at(1), out);
}

bool serialise_field(std::string_view type, element expected, BoundedText& out) {
    if (type == "item") return serialise_member(expected, out);
    bool first = true;
    for (element member : array(expected)) {
        if (!first) out.put(", ");
        first = false;
        if (type == "list") {
            if (!serialise_member(member, out)) return false;
            continue;
        }
        if (!write_key(std::string_view(member.at(0)), out)) return false;
        const element value = member.at(1);
        if (is_true(value.at(0))) {
            if (!serialise_parameters(value.at(1), out)) return false;
            continue;
        }
        out.put('=');
        if (!serialise_member(value, out)) return false;
    }
    return true;
}

// --- the cases --------------------------------------------------------------------------------

struct Case {
    std::string name, type;
    std::vector<std::string> raw;
    std::string canonical;
    bool has_expected = false, must_fail = false, can_fail = false;
    element expected;
};

bool flag(element record, const char* name) {
    bool value = false;
    return record[name].get(value) == simdjson::SUCCESS && value;
}

Case read_case(element record) {
    Case test;
    test.name = std::string(std::string_view(record["name"]));
    test.type = std::string(std::string_view(record["header_type"]));
    test.must_fail = flag(record, "must_fail");
    test.can_fail = flag(record, "can_fail");
    test.has_expected = record["expected"].get(test.expected) == simdjson::SUCCESS;
    array raw, canonical;
    if (record["raw"].get(raw) == simdjson::SUCCESS)
        for (element line : raw) test.raw.emplace_back(std::string_view(line));
    if (record["canonical"].get(canonical) == simdjson::SUCCESS) {
        for (element line : canonical) test.canonical = std::string(std::string_view(line));
    } else if (!test.raw.empty()) {
        test.canonical = test.raw[0];
    }
    return test;
}

template <class Check>
int each_case(const fs::path& folder, Check check) {
    int count = 0;
    for (const fs::path& file : case_files(folder)) {
        simdjson::dom::parser json;
        const element document = json.load(file.string());
        for (element record : array(document)) {
            const Case test = read_case(record);
            SCOPED_TRACE(file.filename().string() + ": " + test.name);
            check(test);
            ++count;
        }
    }
    return count;
}

FieldType type_of(const Case& test) {
    if (test.type == "item") return FieldType::item;
    return test.type == "list" ? FieldType::list : FieldType::dictionary;
}

class StructuredFieldConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!fs::is_directory(suite_folder()))
            GTEST_SKIP() << "no httpwg/structured-field-tests at " << suite_folder()
                         << ": set KWIKGATE_SF_TESTS to their folder";
    }
};

TEST_F(StructuredFieldConformance, ParsesEveryCaseOfTheSuite) {
    const int count = each_case(suite_folder(), [](const Case& test) {
        const std::optional<std::string> read = read_field(test.type, test.raw);
        if (test.must_fail) {
            EXPECT_FALSE(read);
            return;
        }
        if (!read && test.can_fail) return;
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, expect_field(test.type, test.expected));
    });
    EXPECT_GT(count, 1000);
}

TEST_F(StructuredFieldConformance, BringsEveryFieldIntoItsCanonicalForm) {
    std::vector<char> memory(1 << 20);
    std::vector<DictionaryMember> members(4096);
    const int count = each_case(suite_folder(), [&](const Case& test) {
        const std::vector<std::string_view> lines(test.raw.begin(), test.raw.end());
        BoundedText out(memory);
        const bool written = write_canonical_field(type_of(test), lines, out, {4096, members});
        if (test.must_fail) {
            EXPECT_FALSE(written);
            return;
        }
        if (!written && test.can_fail) return;
        EXPECT_TRUE(written);
        EXPECT_FALSE(out.overflowed());
        EXPECT_EQ(out.view(), test.canonical);
    });
    EXPECT_GT(count, 1000);
}

TEST_F(StructuredFieldConformance, SerialisesEveryExpectedValue) {
    std::vector<char> memory(1 << 20);
    int count = 0;
    const auto check = [&](const Case& test) {
        if (!test.has_expected) return;
        BoundedText out(memory);
        const bool written = serialise_field(test.type, test.expected, out);
        if (test.must_fail) {
            EXPECT_FALSE(written);
            return;
        }
        EXPECT_TRUE(written);
        EXPECT_EQ(out.view(), test.canonical);
    };
    count += each_case(suite_folder(), check);
    count += each_case(suite_folder() / "serialisation-tests", check);
    EXPECT_GT(count, 1500);
}

}  // namespace
}  // namespace kwikgate::auth

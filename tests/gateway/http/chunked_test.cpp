#include "gateway/http/chunked.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace kwikgate::gateway::http {
namespace {

using namespace std::string_literals;

struct Decoded {
    ChunkStatus status = ChunkStatus::need_more;
    std::string body;
    std::size_t consumed = 0;
};

/// Feeds pieces of `piece_bytes` (0: everything at once), each in an allocation of its own size.
Decoded decode(std::string_view text, std::size_t first_piece, std::size_t piece_bytes) {
    ChunkedDecoder decoder;
    Decoded result;
    std::size_t at = 0;
    std::size_t take = first_piece;
    while (at < text.size()) {
        const std::string_view piece = text.substr(at, take == 0 ? text.size() : take);
        const std::unique_ptr<char[]> bytes = std::make_unique<char[]>(piece.size());
        piece.copy(bytes.get(), piece.size());
        std::string_view rest{bytes.get(), piece.size()};
        while (!rest.empty()) {
            const ChunkStep step = decoder.step(rest);
            EXPECT_LE(step.consumed, rest.size());
            result.body.append(step.data);
            result.status = step.status;
            at += step.consumed;
            result.consumed = at;
            if (step.status == ChunkStatus::complete || step.status == ChunkStatus::refused)
                return result;
            EXPECT_EQ(step.data.empty(), step.status != ChunkStatus::data);
            EXPECT_TRUE(step.status == ChunkStatus::data || step.consumed == rest.size());
            rest.remove_prefix(step.consumed);
        }
        take = piece_bytes;
    }
    if (result.status == ChunkStatus::data) result.status = ChunkStatus::need_more;
    return result;
}

void expect_everywhere(const char* clause, const std::string& text, ChunkStatus status,
                       const std::string& body, std::size_t left_over = 0) {
    SCOPED_TRACE(clause);
    SCOPED_TRACE(::testing::PrintToString(text.substr(0, 80)));
    const auto check = [&](const Decoded& decoded) {
        EXPECT_EQ(decoded.status, status);
        if (status == ChunkStatus::refused) return;
        EXPECT_EQ(decoded.body, body);
        EXPECT_EQ(decoded.consumed + left_over, text.size());
    };
    check(decode(text, 0, 0));
    for (std::size_t cut = 1; cut < text.size(); ++cut) check(decode(text, cut, 0));
    check(decode(text, 1, 1));
}

TEST(Chunked, DecodesBodies) {
    constexpr ChunkStatus kDone = ChunkStatus::complete;
    expect_everywhere("9112-7.1 empty body", "0\r\n\r\n", kDone, "");
    expect_everywhere("9112-7.1 one chunk", "5\r\nhello\r\n0\r\n\r\n", kDone, "hello");
    expect_everywhere("9112-7.1 hex in both cases",
                      "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", kDone,
                      "01234567890123456789a");
    expect_everywhere("9112-7.1 leading zeros", "005\r\nhello\r\n000\r\n\r\n", kDone, "hello");
    expect_everywhere("9112-7.1 15 digits", "000000000000005\r\nhello\r\n0\r\n\r\n", kDone,
                      "hello");
    expect_everywhere("9112-7.1 data that looks like framing", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
                      kDone, "\r\n0\r\n\r\n");
    expect_everywhere("9112-7.1.1 extension", "5;a=b\r\nhello\r\n0;c\r\n\r\n", kDone, "hello");
    expect_everywhere("9112-7.1.1 quoted extension", "5; a=\"b;\\\"c\"\r\nhello\r\n0\r\n\r\n",
                      kDone, "hello");
    for (const char* size : {"5 ;a=b",
                             "5\t;a=b",
                             "5; a=b",
                             "5;\ta",
                             "5;a =b",
                             "5;a= b",
                             "5;a \t= \t\"b\"",
                             "5;a ;b",
                             "5;a=b ;b",
                             "5;a=\"b\" ; b",
                             "5;a=b;c=d;e",
                             "5;!#$%&'*+-.^_`|~0A=!#$",
                             "5;a=\"\"",
                             "5;a=\"[;=,]\t \"",
                             "5;a=\"\\\"\\\\\"",
                             "5;a=\"\xc3\xb8\"",
                             "5;a=\"\\\xc3\"",
                             "5 ",
                             "5   ",
                             "5\t",
                             "5;a ",
                             "5;a=b ",
                             "5;a=\"b\" "})
        expect_everywhere("9112-7.1.1 grammar", std::string(size) + "\r\nhello\r\n0\r\n\r\n", kDone,
                          "hello");
    expect_everywhere("9112-7.1.1 extension of the last chunk", "0 ; a = \"b\"\r\n\r\n", kDone, "");
    expect_everywhere("9112-7.1.2 trailers", "5\r\nhello\r\n0\r\nA: b\r\nAuthorization:c\r\n\r\n",
                      kDone, "hello");
    expect_everywhere("pipelined bytes stay", "0\r\n\r\nGET /", kDone, "", 5);
}

TEST(Chunked, WaitsForTheEnd) {
    for (const std::string& text :
         {"5"s, "5\r"s, "5\r\n"s, "5\r\nhel"s, "5\r\nhello"s, "5\r\nhello\r"s, "5\r\nhello\r\n"s,
          "0\r\n"s, "0\r\nA: b\r\n"s, "0\r\n\r"s, "5;a"s, "5 "s, "5;"s, "5;a=\"b"s})
        EXPECT_EQ(decode(text, 1, 1).status, ChunkStatus::need_more) << text;
}

TEST(Chunked, RefusesBrokenFraming) {
    struct Case {
        const char* clause;
        std::string text;
    };
    for (const Case& item : std::vector<Case>{
             {"9112-7.1 no size", "\r\nhello\r\n"},
             {"9112-7.1 not hex", "g\r\n"},
             {"9112-7.1 plus", "+5\r\nhello\r\n"},
             {"9112-7.1 minus", "-5\r\nhello\r\n"},
             {"9112-7.1 0x", "0x5\r\nhello\r\n"},
             {"9112-7.1 space before", " 5\r\nhello\r\n"},
             {"9112-7.1 underscore", "1_0\r\n"},
             {"9112-7.1 16 digits", "0000000000000005\r\nhello\r\n"},
             {"9112-7.1 overflow", "ffffffffffffffffff\r\n"},
             {"9112-7.1 NUL", "5\0\r\nhello\r\n"s},
             {"9112-2.2 bare LF behind the size", "5\nhello\r\n"},
             {"9112-2.2 bare CR behind the size", "5\rhello\r\n"},
             {"9112-2.2 CR CR LF", "5\r\r\nhello\r\n"},
             {"9112-7.1.1 bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"},
             {"9112-7.1.1 bare CR in an extension", "5;a\rb\r\nhello\r\n"},
             {"9112-7.1.1 NUL in an extension", "5;a\0\r\nhello\r\n"s},
             {"9112-7.1.1 no name", "5;\r\nhello\r\n"},
             {"9112-7.1.1 no name, white space", "5; \r\nhello\r\n"},
             {"9112-7.1.1 no name before the next", "5;;a\r\nhello\r\n"},
             {"9112-7.1.1 no name, a value", "5;=b\r\nhello\r\n"},
             {"9112-7.1.1 not a name", "5;[bad\r\nhello\r\n"},
             {"9112-7.1.1 two names", "5;a b\r\nhello\r\n"},
             {"9112-7.1.1 a brace in a name", "4;a}=b\r\nhell\r\n"},
             {"9112-7.1.1 no value", "5;a=\r\nhello\r\n"},
             {"9112-7.1.1 no value before the next", "5;a=;b\r\nhello\r\n"},
             {"9112-7.1.1 two values", "5;a=b=c\r\nhello\r\n"},
             {"9112-7.1.1 two values with white space", "5;a=b c\r\nhello\r\n"},
             {"9112-7.1.1 a quote left open", "4;a=b\"\r\nhell\r\n"},
             {"9112-7.1.1 an open string", "5;a=\"b\r\nhello\r\n"},
             {"9112-7.1.1 an open string that ends in a pair", "5;a=\"b\\\"\r\nhello\r\n"},
             {"9112-7.1.1 more behind a string", "5;a=\"b\"c\r\nhello\r\n"},
             {"9112-7.1.1 a name in quotes", "5;\"a\"=b\r\nhello\r\n"},
             {"9112-7.1.1 a colon in a value", "0;a=bContent-Length: 180\r\n\r\n"},
             {"9112-7.1.1 a control byte in quotes", "5;a=\"\x01\"\r\nhello\r\n"},
             {"9112-7.1.1 a control byte in a pair", "5;a=\"\\\x7f\"\r\nhello\r\n"},
             {"9112-7.1.1 bare LF in quotes", "5;a=\"\n\"\r\nhello\r\n"},
             {"9112-7.1.1 CRLF in quotes", "5;a=\"\r\n\"\r\nhello\r\n"},
             {"9112-7.1.1 an equals sign behind the size", "5=a\r\nhello\r\n"},
             {"9112-7.1.1 a name behind white space", "5 a\r\nhello\r\n"},
             {"9112-7.1.1 a digit behind white space", "5 5\r\nhello\r\n"},
             {"9112-7.1.1 257 bytes of white space",
              "5 " + std::string(257, ' ') + "\r\nhello\r\n"},
             {"9112-7.1.1 257 bytes of extension", "5;" + std::string(257, 'a') + "\r\nhello\r\n"},
             {"9112-7.1 data longer than its size", "5\r\nhellox\r\n"},
             {"9112-7.1 data shorter than its size", "5\r\nhell\r\n0\r\n\r\n"},
             {"9112-7.1 bare LF behind the data", "5\r\nhello\n0\r\n\r\n"},
             {"9112-7.1 bare CR behind the data", "5\r\nhello\r0\r\n\r\n"},
             {"9112-7.1 nothing behind the data", "5\r\nhello0\r\n\r\n"},
             {"9112-2.2 bare LF behind the last chunk", "0\n\r\n"},
             {"9112-2.2 bare LF ends the message", "0\r\n\n"},
             {"9112-2.2 bare CR ends the message", "0\r\n\rX"},
             {"9112-7.1.2 trailer without colon", "0\r\nabc\r\n\r\n"},
             {"9112-7.1.2 trailer without name", "0\r\n: a\r\n\r\n"},
             {"9112-7.1.2 trailer with space before the colon", "0\r\nA : b\r\n\r\n"},
             {"9112-7.1.2 folded trailer", "0\r\nA: b\r\n c\r\n\r\n"},
             {"9112-7.1.2 bare LF in a trailer", "0\r\nA: b\n\r\n"},
             {"9112-7.1.2 bare CR in a trailer", "0\r\nA: b\rc\r\n\r\n"},
             {"9112-7.1.2 NUL in a trailer", "0\r\nA: \0\r\n\r\n"s},
             {"9112-7.1.2 request as a trailer", "0\r\nGET / HTTP/1.1\r\n\r\n"},
         })
        expect_everywhere(item.clause, item.text, ChunkStatus::refused, "");
}

TEST(Chunked, BoundsExtensionsOfAMessage) {
    const std::string chunk = "1;" + std::string(256, 'a') + "\r\nx\r\n";
    std::string text;
    for (int i = 0; i < 64; ++i) text += chunk;
    EXPECT_EQ(decode(text + "0\r\n\r\n", 0, 0).status, ChunkStatus::complete);
    EXPECT_EQ(decode(text + "1;a\r\nx\r\n0\r\n\r\n", 0, 0).status, ChunkStatus::refused);
}

TEST(Chunked, BoundsTrailers) {
    const std::string fits = "A: " + std::string(8192 - 6, 'b') + "\r";  // LFs are not counted.
    EXPECT_EQ(decode("0\r\n" + fits + "\n\r\n", 0, 0).status, ChunkStatus::complete);
    EXPECT_EQ(decode("0\r\n" + fits + "\nA:\r\n\r\n", 0, 0).status, ChunkStatus::refused);
    std::string endless = "0\r\n";
    for (int i = 0; i < 4000; ++i) endless += "A:\r\n";
    EXPECT_EQ(decode(endless, 0, 0).status, ChunkStatus::refused);
}

TEST(Chunked, StaysRefusedAndStaysComplete) {
    ChunkedDecoder decoder;
    EXPECT_EQ(decoder.step("x").status, ChunkStatus::refused);
    EXPECT_EQ(decoder.step("0\r\n\r\n").status, ChunkStatus::refused);
    EXPECT_EQ(decoder.step("").status, ChunkStatus::refused);
    decoder.reset();
    EXPECT_EQ(decoder.step("0\r\n\r\n").status, ChunkStatus::complete);
    EXPECT_EQ(decoder.step("GET").status, ChunkStatus::complete);
    EXPECT_EQ(decoder.step("GET").consumed, 0U);
}

TEST(Chunked, YieldsAHugeChunkInPieces) {
    ChunkedDecoder decoder;
    const std::string head = "fffffffffffffff\r\nabc";
    const ChunkStep step = decoder.step(head);
    EXPECT_EQ(step.status, ChunkStatus::data);
    EXPECT_EQ(step.data, "abc");
    EXPECT_EQ(step.consumed, head.size());
}

TEST(Chunked, WritesSizes) {
    std::array<char, 20> out{};
    const auto text = [&out](std::uint64_t size) {
        return std::string{out.data(), write_chunk_size(size, out)};
    };
    EXPECT_EQ(text(0), "0\r\n");
    EXPECT_EQ(text(15), "f\r\n");
    EXPECT_EQ(text(16), "10\r\n");
    EXPECT_EQ(text(0x1a2b), "1a2b\r\n");
    EXPECT_EQ(text(std::numeric_limits<std::uint64_t>::max()), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace kwikgate::gateway::http

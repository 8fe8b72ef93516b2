#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "auth/request_view.hpp"
#include "auth/text_hash.hpp"
#include "gateway/http/char_class.hpp"
#include "gateway/http/framing.hpp"

namespace kwikgate::gateway::http {

/// The options of every Connection line of a message; the parsers refuse heads with more than fit.
/// **Cost**: each option and each name that is asked for is hashed once. Equal hashes count as
/// equal names: whoever makes a name whose hash is that of another could have named that one.
class NamedByConnection {
  public:
    explicit NamedByConnection(std::span<const auth::FieldLine> fields) {
        for (const auth::FieldLine& line : fields)
            if (line.known == auth::FieldName::connection) add(line.value);
    }
    bool contains(std::string_view name) const {
        if ((sizes_ >> (name.size() % 64) & 1U) == 0) return false;
        const std::uint64_t hash = auth::lower_case_hash(name);
        for (std::size_t i = 0; i < count_; ++i)
            if (hashes_[i] == hash) return true;
        return false;
    }

  private:
    void add(std::string_view value) {
        for_each_list_element(value, [this](std::string_view option) {
            if (count_ == hashes_.size() || option.empty()) return;
            sizes_ |= std::uint64_t{1} << (option.size() % 64);
            hashes_[count_++] = auth::lower_case_hash(option);
        });
    }

    std::array<std::uint64_t, ConnectionOptions::kMaxOptions> hashes_;  // The first `count_`.
    std::uint64_t sizes_ = 0;  // A bit for the length of each: most names are told apart by it.
    std::size_t count_ = 0;
};

}  // namespace kwikgate::gateway::http

#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace kwikgate::auth {

/// Text written into memory of a fixed size that somebody else owns. Once something did not fit,
/// `overflowed` stays true and the rest is dropped.
class BoundedText {
  public:
    explicit BoundedText(std::span<char> memory) : memory_(memory) {}
    void put(char c) {
        if (size_ == memory_.size()) {
            overflowed_ = true;
        } else {
            memory_[size_++] = c;
        }
    }
    void put(std::string_view text) {
        if (text.size() > memory_.size() - size_) {
            overflowed_ = true;
        } else if (!text.empty()) {
            std::memcpy(memory_.data() + size_, text.data(), text.size());
            size_ += text.size();
        }
    }
    /// Room to write `size` characters into, or nothing when they do not fit.
    std::span<char> extend(std::size_t size) {
        if (size > memory_.size() - size_) {
            overflowed_ = true;
            return {};
        }
        const std::span<char> room = memory_.subspan(size_, size);
        size_ += size;
        return room;
    }
    bool overflowed() const { return overflowed_; }
    std::string_view view() const { return {memory_.data(), size_}; }
    std::size_t size() const { return size_; }
    void truncate(std::size_t size) { size_ = size < size_ ? size : size_; }

  private:
    std::span<char> memory_;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

}  // namespace kwikgate::auth

#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace kwikgate::auth {

/// A fixed number of values that begin as zeros. Memory of a large one is the kernel's zero pages
/// until it is written to, so that making it costs nothing and an unused part takes no room.
/// **Owns** its memory. **Errors**: std::bad_alloc. **Threads**: as a plain array.
template <class T>
class ZeroedArray {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    explicit ZeroedArray(std::size_t size)
        : size_(size), values_(static_cast<T*>(std::calloc(size, sizeof(T)))) {
        if (values_ == nullptr) throw std::bad_alloc();
    }
    std::size_t size() const { return size_; }
    T& operator[](std::size_t index) { return values_.get()[index]; }
    const T& operator[](std::size_t index) const { return values_.get()[index]; }
    const T* begin() const { return values_.get(); }
    const T* end() const { return values_.get() + size_; }

  private:
    struct Free {
        void operator()(T* values) const { std::free(values); }
    };
    std::size_t size_;
    std::unique_ptr<T[], Free> values_;
};

}  // namespace kwikgate::auth

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tilewright::cuda {

/// The contents of a plan in device memory, assembled on the host. It contains device addresses, so it is
/// written twice: first from address 0 to determine its size, then with the address of the allocation.
class Image {
  public:
    explicit Image(std::uint8_t* base) : base_(base) {}

    /// Appends values and returns their device address.
    template <typename T>
    const T* add(const T* values, std::size_t count) {
        constexpr std::size_t kAlignment = 128;
        bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment);
        const std::size_t at = bytes_.size();
        bytes_.resize(at + count * sizeof(T));
        if (count > 0) {
            std::memcpy(bytes_.data() + at, values, count * sizeof(T));
        }
        return reinterpret_cast<const T*>(reinterpret_cast<std::uintptr_t>(base_) + at);
    }

    template <typename T>
    const T* add(const std::vector<T>& values) {
        return add(values.data(), values.size());
    }

    const std::vector<std::uint8_t>& bytes() const { return bytes_; }

  private:
    std::uint8_t* base_;
    std::vector<std::uint8_t> bytes_;
};

}  // namespace tilewright::cuda

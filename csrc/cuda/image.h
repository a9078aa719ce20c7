#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tilewright::cuda {

/// What a plan keeps in the device's memory, written here first. Addresses are those that it will have there,
/// so it is written twice: from address 0 to learn its size, then from where the device has made room.
class Image {
  public:
    explicit Image(std::uint8_t* base) : base_(base) {}

    /// Appends values and returns their address on the device.
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

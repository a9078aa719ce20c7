#pragma once

#include "cuda/instructions.cuh"
#include "cuda/stage.h"

namespace tilewright::cuda {

__device__ __forceinline__ std::int32_t divide(std::int32_t number, const Divisor& by) {
    const std::uint64_t product =
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(number)) * by.multiplier;
    return static_cast<std::int32_t>(product >> (31 + by.shift));
}

/// Returns the address of a channel of a cell in the arena. The channels of a chunk are contiguous.
__device__ __forceinline__ std::uint32_t cell_address(const Place& place, std::int32_t cell,
                                                      std::int32_t channel) {
    const std::int32_t chunk = channel / kChunk ^ (cell >> place.shift & place.mask);
    return place.offset +
           static_cast<std::uint32_t>(cell * place.cell_bytes + chunk * kChunk + channel % kChunk);
}

/// The memory of a block's values: shared memory, or device memory for plans that are too large for it. A
/// word holds four channels of a cell. After a layer, a lane of a warp holds channels 4t to 4t + 3 of a
/// chunk.
template <bool kShared>
struct Arena {
    std::uint8_t* bytes;

    template <typename T>
    __device__ __forceinline__ T load(std::uint32_t at) const {
        note_read(bytes + at, sizeof(T));
        return *reinterpret_cast<const T*>(bytes + at);
    }

    template <typename T>
    __device__ __forceinline__ void store(std::uint32_t at, T value) const {
        note_write(bytes + at, sizeof(T));
        *reinterpret_cast<T*>(bytes + at) = value;
    }

    /// Loads channels `channel` to `channel` + 3, lowest byte first; `channel` is a multiple of 4. Channels
    /// beyond those of the cell are undefined.
    __device__ __forceinline__ std::uint32_t load_word(const Place& place, std::int32_t cell,
                                                       std::int32_t channel) const {
        return load<std::uint32_t>(cell_address(place, cell, channel));
    }

    __device__ __forceinline__ void store_word(const Place& place, std::int32_t cell, std::int32_t channel,
                                               std::uint32_t word) const {
        store(cell_address(place, cell, channel), word);
    }
};

}  // namespace tilewright::cuda

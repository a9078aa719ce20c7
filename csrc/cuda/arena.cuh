#pragma once

#include "cuda/instructions.cuh"
#include "cuda/stage.h"

namespace tilewright::cuda {

__device__ __forceinline__ std::int32_t divide(std::int32_t number, const Divisor& by) {
    const std::uint64_t product =
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(number)) * by.multiplier;
    return static_cast<std::int32_t>(product >> (31 + by.shift));
}

/// Where a channel of a cell lies in the arena. The channels of one chunk lie one after another.
__device__ __forceinline__ std::uint32_t cell_address(const Place& place, std::int32_t cell,
                                                      std::int32_t channel) {
    const std::int32_t chunk = channel / kChunk ^ (cell >> place.shift & place.mask);
    return place.offset +
           static_cast<std::uint32_t>(cell * place.cell_bytes + chunk * kChunk + channel % kChunk);
}

/// Where a block's values live: shared memory, or for plans too large for it the device's. Four channels of a
/// cell are a word; a lane of a warp holds the channels 4t to 4t + 3 of a chunk when it is done with a layer.
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

    /// Channels `channel` to `channel` + 3, lowest byte first; `channel` is a multiple of 4. Channels that a
    /// cell does not have are anything.
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

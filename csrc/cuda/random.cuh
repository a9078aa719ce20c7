#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "core/streams.h"

namespace tilewright::cuda {

/// Four random words of Philox4x32-10, like core/philox.h.
struct RandomBlock {
    std::uint32_t words[4];
};

__device__ __forceinline__ RandomBlock draw_block(std::uint64_t seed, std::uint64_t index,
                                                  std::uint32_t block, std::uint32_t stream,
                                                  std::int32_t round = 0) {
    std::uint32_t a = static_cast<std::uint32_t>(index);
    std::uint32_t b = static_cast<std::uint32_t>(index >> 32);
    std::uint32_t c = block;
    std::uint32_t d = stream + streams::kRounds * static_cast<std::uint32_t>(round);
    std::uint32_t key0 = static_cast<std::uint32_t>(seed);
    std::uint32_t key1 = static_cast<std::uint32_t>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = std::uint64_t{0xD2511F53} * a;
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * c;
        a = static_cast<std::uint32_t>(product1 >> 32) ^ b ^ key0;
        b = static_cast<std::uint32_t>(product1);
        c = static_cast<std::uint32_t>(product0 >> 32) ^ d ^ key1;
        d = static_cast<std::uint32_t>(product0);
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    return {{a, b, c, d}};
}

/// Returns a random number below `limit` from a word.
__device__ __forceinline__ std::int32_t below(std::uint32_t word, std::int32_t limit) {
    return static_cast<std::int32_t>(std::uint64_t{word} * static_cast<std::uint32_t>(limit) >> 32);
}

/// Returns words[i] without an array in local memory.
__device__ __forceinline__ std::uint32_t pick(const RandomBlock& block, std::uint32_t i) {
    const std::uint32_t low = i & 1 ? block.words[1] : block.words[0];
    const std::uint32_t high = i & 1 ? block.words[3] : block.words[2];
    return i & 2 ? high : low;
}

}  // namespace tilewright::cuda

#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace tilewright::cpu {
namespace {

/// AArch64 with FEAT_DotProd: activations are bytes, four channels per broadcast word. The instruction
/// multiplies signed bytes, so activations are offset by -128, and the bias includes 128 times the weights
/// (kSignedInputs).
struct Neon {
    static constexpr int kLanes = 4;
    static constexpr int kVectorBytes = 16;
    static constexpr int kMostVectors = 4;
    static constexpr int kMostRows[] = {8, 8, 4, 4};
    static constexpr int kWord = 4;
    static constexpr bool kSignedInputs = true;
    static constexpr bool kChainedTables = false;
    static constexpr int kPeakChains = 16;
    using Element = std::uint8_t;
    using Sums = int32x4_t;
    using Weights = int8x16_t;
    using Floats = float32x4_t;
    using Bytes = uint8x16_t;  // four registers of sums

    static Sums load_sums(const std::int32_t* from) { return vld1q_s32(from); }
    static void store_sums(std::int32_t* to, Sums sums) { vst1q_s32(to, sums); }
    static Weights load_weights(const std::uint8_t* from) { return vreinterpretq_s8_u8(vld1q_u8(from)); }
    static Floats load_floats(const float* from) { return vld1q_f32(from); }
    static Bytes load_bytes(const std::uint8_t* from) { return vld1q_u8(from); }
    static void store_bytes(std::uint8_t* to, Bytes bytes) { vst1q_u8(to, bytes); }

    static Weights broadcast(const Element* from) {
        std::uint32_t word;
        __builtin_memcpy(&word, from, sizeof(word));
        return vreinterpretq_s8_u8(veorq_u8(vreinterpretq_u8_u32(vdupq_n_u32(word)), vdupq_n_u8(128)));
    }
    static Sums multiply_add(Sums sums, Weights weights, Weights x) { return vdotq_s32(sums, weights, x); }

    /// Requantises as specified in ops/requantize.h. Narrowing conversions saturate, which implements the
    /// clamp.
    template <bool Clamp>
    static Bytes requantize(const Sums* sums, const Floats* factors, int zero_out) {
        int32x4_t whole[4];
        for (int i = 0; i < 4; ++i) {
            whole[i] = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sums[i]), factors[i]));
        }
        const int16x8_t zero = vdupq_n_s16(static_cast<std::int16_t>(zero_out));
        const int16x8_t low = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(whole[0]), whole[1]), zero);
        const int16x8_t high = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(whole[2]), whole[3]), zero);
        return vqmovun_high_s16(vqmovun_s16(low), high);
    }

    /// Looks up a quarter of the table at a time; indices out of range leave the byte unchanged.
    static Bytes look_up(const std::uint8_t* table, Bytes index) {
        Bytes bytes = vqtbl4q_u8(vld1q_u8_x4(table), index);
        bytes = vqtbx4q_u8(bytes, vld1q_u8_x4(table + 64), vsubq_u8(index, vdupq_n_u8(64)));
        bytes = vqtbx4q_u8(bytes, vld1q_u8_x4(table + 128), vsubq_u8(index, vdupq_n_u8(128)));
        return vqtbx4q_u8(bytes, vld1q_u8_x4(table + 192), vsubq_u8(index, vdupq_n_u8(192)));
    }

    static Bytes splat(std::uint8_t value) { return vdupq_n_u8(value); }

    /// clamp(other + own - zero): one of the two saturated differences is 0.
    static Bytes add(Bytes other, Bytes own, Bytes zero) {
        return vqsubq_u8(vqaddq_u8(other, vqsubq_u8(own, zero)), vqsubq_u8(zero, own));
    }

    /// Loads four slices of 4 bytes from their addresses; groups of V are contiguous.
    template <int V>
    static Bytes gather(const Element* from, const std::ptrdiff_t* places) {
        Bytes bytes;
        copy_slices<V>(&bytes, places, [from](void* slice, std::ptrdiff_t place, std::size_t count) {
            __builtin_memcpy(slice, from + place, count);
        });
        return bytes;
    }
    template <int V>
    static void scatter(Element* to, const std::ptrdiff_t* places, Bytes bytes) {
        copy_slices<V>(&bytes, places, [to](const void* slice, std::ptrdiff_t place, std::size_t count) {
            __builtin_memcpy(to + place, slice, count);
        });
    }
    static void store_slice(Element* to, Bytes bytes, int slice) {
        const uint32x4_t words = vreinterpretq_u32_u8(bytes);
        const std::uint32_t word = slice == 0   ? vgetq_lane_u32(words, 0)
                                   : slice == 1 ? vgetq_lane_u32(words, 1)
                                   : slice == 2 ? vgetq_lane_u32(words, 2)
                                                : vgetq_lane_u32(words, 3);
        __builtin_memcpy(to, &word, sizeof(word));
    }

    /// Rank: 256 sum + 255 - channel.
    static Sums rank(Sums sums, int first_channel) {
        const Sums lane = {0, 1, 2, 3};
        return vorrq_s32(vshlq_n_s32(sums, 8), vsubq_s32(vdupq_n_s32(255 - first_channel), lane));
    }
    static Sums greater(Sums a, Sums b) { return vmaxq_s32(a, b); }
    template <int R>
    static void greatest(const Sums (&sums)[R], std::int32_t* ranks) {
        for (int r = 0; r < R; ++r) {
            ranks[r] = vmaxvq_s32(sums[r]);
        }
    }

  private:
    /// Calls copy(bytes of the register, their place, how many) for each run of V slices.
    template <int V, typename Copy>
    static void copy_slices(Bytes* bytes, const std::ptrdiff_t* places, const Copy& copy) {
        constexpr int kRun = V == 4 ? 4 : V == 2 ? 2 : 1;
        for (int i = 0; i < 4; i += kRun) {
            copy(reinterpret_cast<std::uint8_t*>(bytes) + 4 * i, places[i], std::size_t{4} * kRun);
        }
    }
};

}  // namespace
}  // namespace tilewright::cpu

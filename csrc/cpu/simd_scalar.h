#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/requantize.h"

namespace tilewright::cpu {
namespace {

/// Plain C++ with registers of four lanes, for any processor. Uses the vector extensions of compilers, which
/// map to SSE2 on x86-64 and NEON on AArch64.
struct Scalar {
    static constexpr int kLanes = 4;
    static constexpr int kVectorBytes = 16;
    static constexpr int kMostVectors = 2;
    static constexpr int kMostRows[] = {8, 4};
    static constexpr bool kSignedInputs = false;
    static constexpr int kWord = 2;
    static constexpr bool kChainedTables = false;
    static constexpr int kPeakChains = 8;
    using Element = std::int16_t;

    typedef std::int32_t Sums __attribute__((vector_size(16)));
    typedef std::uint32_t Unsigned __attribute__((vector_size(16)));
    typedef std::int16_t Weights __attribute__((vector_size(16)));
    struct Floats {
        float lane[kLanes];
    };
    struct Bytes {
        std::uint8_t lane[4 * kLanes];
    };

    static Sums load_sums(const std::int32_t* from) { return load<Sums>(from); }
    static void store_sums(std::int32_t* to, Sums sums) { __builtin_memcpy(to, &sums, sizeof(sums)); }
    static Weights load_weights(const std::uint8_t* from) { return load<Weights>(from); }
    static Floats load_floats(const float* from) { return load<Floats>(from); }
    static Bytes load_bytes(const std::uint8_t* from) { return load<Bytes>(from); }
    static void store_bytes(std::uint8_t* to, const Bytes& bytes) {
        __builtin_memcpy(to, &bytes, sizeof(bytes));
    }

    static Weights broadcast(const Element* from) {
        std::int32_t word;
        __builtin_memcpy(&word, from, sizeof(word));
        return (Weights)(Sums{} + word);
    }
    static Sums multiply_add(Sums sums, Weights weights, Weights x) {
#if defined(__SSE2__)
        return sum(sums, (Sums)__builtin_ia32_pmaddwd128(weights, x));
#else
        // The two channels of each word, whichever of them is the lower half.
        const Sums low = ((Sums)weights << 16 >> 16) * ((Sums)x << 16 >> 16);
        return sum(sum(sums, low), ((Sums)weights >> 16) * ((Sums)x >> 16));
#endif
    }

    /// Unsigned arithmetic is modulo 2^32; intermediate sums may overflow int32.
    static Sums sum(Sums a, Sums b) { return (Sums)((Unsigned)a + (Unsigned)b); }
    static Sums difference(Sums a, Sums b) { return (Sums)((Unsigned)a - (Unsigned)b); }
    template <int N>
    static Sums shift_right(Sums sums) {
        return sums >> N;
    }
    template <std::int32_t N>
    static Sums multiply_low(Sums sums) {
        return (Sums)((Unsigned)sums * (std::uint32_t)N);
    }

    template <bool Clamp>
    static Bytes requantize(const Sums* sums, const Floats* factors, int zero_out) {
        Bytes bytes;
        for (int i = 0; i < 4 * kLanes; ++i) {
            bytes.lane[i] =
                ops::requantize(sums[i / kLanes][i % kLanes], factors[i / kLanes].lane[i % kLanes], zero_out);
        }
        return bytes;
    }
    static Bytes look_up(const std::uint8_t* table, Bytes index) {
        for (std::uint8_t& byte : index.lane) {
            byte = table[byte];
        }
        return index;
    }
    static Bytes splat(std::uint8_t value) {
        Bytes bytes;
        for (std::uint8_t& byte : bytes.lane) {
            byte = value;
        }
        return bytes;
    }
    static Bytes add(const Bytes& other, Bytes own, const Bytes& zero) {
        for (int i = 0; i < 4 * kLanes; ++i) {
            const int sum = other.lane[i] + own.lane[i] - zero.lane[i];
            own.lane[i] = static_cast<std::uint8_t>(sum < 0 ? 0 : sum > 255 ? 255 : sum);
        }
        return own;
    }

    template <int V>
    static Bytes gather(const Element* from, const std::ptrdiff_t* places) {
        Bytes bytes;
        for (int i = 0; i < 4 * kLanes; ++i) {
            bytes.lane[i] = static_cast<std::uint8_t>(from[places[i / kLanes] + i % kLanes]);
        }
        return bytes;
    }
    template <int V>
    static void scatter(Element* to, const std::ptrdiff_t* places, const Bytes& bytes) {
        for (int slice = 0; slice < 4; ++slice) {
            store_slice(to + places[slice], bytes, slice);
        }
    }
    static void store_slice(Element* to, const Bytes& bytes, int slice) {
        for (int i = 0; i < kLanes; ++i) {
            to[i] = bytes.lane[slice * kLanes + i];
        }
    }

    static Sums rank(Sums sums, int first_channel) {
        const Sums lane = {0, 1, 2, 3};
        return sums * 256 + (255 - first_channel - lane);
    }
    static Sums greater(Sums a, Sums b) { return a > b ? a : b; }
    template <int R>
    static void greatest(const Sums (&sums)[R], std::int32_t* ranks) {
        for (int r = 0; r < R; ++r) {
            ranks[r] = sums[r][0];
            for (int i = 1; i < kLanes; ++i) {
                ranks[r] = ranks[r] > sums[r][i] ? ranks[r] : sums[r][i];
            }
        }
    }

  private:
    template <typename T>
    static T load(const void* from) {
        T value;
        __builtin_memcpy(&value, from, sizeof(value));
        return value;
    }
};

}  // namespace
}  // namespace tilewright::cpu

#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace tilewright::cpu {
namespace {

/// The common part of AVX2 with and without VNNI: the epilogue.
struct Avx2Common {
    static constexpr int kLanes = 8;
    static constexpr int kVectorBytes = 32;
    static constexpr int kMostVectors = 2;
    static constexpr int kMostRows[] = {8, 4};
    static constexpr bool kSignedInputs = false;
    static constexpr bool kChainedTables = true;
    using Sums = __m256i;
    using Weights = __m256i;
    using Floats = __m256;
    using Bytes = __m256i;

    static Sums load_sums(const std::int32_t* from) { return load(from); }
    static void store_sums(std::int32_t* to, Sums sums) { store(to, sums); }
    static Weights load_weights(const std::uint8_t* from) { return load(from); }
    static Floats load_floats(const float* from) { return _mm256_loadu_ps(from); }
    static Bytes load_bytes(const std::uint8_t* from) { return load(from); }
    static void store_bytes(std::uint8_t* to, Bytes bytes) { store(to, bytes); }

    /// As in simd_avx512.h: packing saturates, which implements the clamp.
    template <bool Clamp>
    static Bytes requantize(const Sums* sums, const Floats* factors, int zero_out) {
        __m256i whole[4];
        for (int i = 0; i < 4; ++i) {
            __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[i]), factors[i]);
            if (Clamp) {
                real = _mm256_min_ps(real, _mm256_set1_ps(255.0f));
            }
            whole[i] = _mm256_cvtps_epi32(real);
        }
        const __m256i zero = _mm256_set1_epi16(static_cast<short>(zero_out));
        const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(whole[0], whole[1]), zero);
        const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(whole[2], whole[3]), zero);
        const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order);
    }

    static Bytes splat(std::uint8_t value) { return _mm256_set1_epi8(static_cast<char>(value)); }

    static Bytes add(Bytes other, Bytes own, Bytes zero) {
        return _mm256_subs_epu8(_mm256_adds_epu8(other, _mm256_subs_epu8(own, zero)),
                                _mm256_subs_epu8(zero, own));
    }

    /// Looks up a chained table of 16-byte parts, each stored as xor with the previous one. The index is
    /// lowered by 16 from part to part. While it is not negative, its low four bits address every part up to
    /// its own, and the xor of these is the entry. A negative index, and one of the other half, yields 0.
    static Bytes look_up(const std::uint8_t* table, Bytes index) {
        return _mm256_xor_si256(look_up_half(table, index),
                                look_up_half(table + 128, _mm256_xor_si256(index, _mm256_set1_epi8(-128))));
    }

    static Sums rank(Sums sums, int first_channel) {
        const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        const __m256i below = _mm256_sub_epi32(_mm256_set1_epi32(255 - first_channel), lane);
        return _mm256_or_si256(_mm256_slli_epi32(sums, 8), below);
    }
    static Sums greater(Sums a, Sums b) { return _mm256_max_epi32(a, b); }

    /// Returns the maximum lane of each register, by merging pairs of registers.
    template <int R>
    static void greatest(const Sums (&sums)[R], std::int32_t* ranks) {
        for (int r = 0; r < R; r += 4) {
            const __m256i a = merge(sums[r], sums[r + 1]);
            const __m256i b = merge(sums[r + 2], sums[r + 3]);
            const __m256i four = _mm256_max_epi32(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
            const __m128i all =
                _mm_max_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(ranks + r), all);
        }
    }

  protected:
    static __m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
    static void store(void* to, __m256i value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }
    static Weights broadcast_word(const void* from) {
        std::int32_t word;
        __builtin_memcpy(&word, from, sizeof(word));
        return _mm256_set1_epi32(word);
    }
    static __m128i half(Bytes bytes, int which) {
        return which == 0 ? _mm256_castsi256_si128(bytes) : _mm256_extracti128_si256(bytes, 1);
    }

  private:
    static Bytes look_up_half(const std::uint8_t* table, Bytes index) {
        __m256i bytes = _mm256_setzero_si256();
        for (int i = 0; i < 8; ++i) {
            const __m256i part =
                _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table + 16 * i)));
            bytes = _mm256_xor_si256(bytes, _mm256_shuffle_epi8(part, index));
            index = _mm256_subs_epi8(index, _mm256_set1_epi8(16));
        }
        return bytes;
    }
    static __m256i merge(__m256i a, __m256i b) {
        return _mm256_max_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    }
};

/// Without VNNI: activations are kept as int16, two channels to a broadcast word. vpmaddwd adds two products
/// of int16 in int32 and cannot overflow, where vpmaddubsw would saturate.
struct Avx2 : Avx2Common {
    static constexpr int kWord = 2;
    static constexpr int kPeakChains = 8;
    using Element = std::int16_t;

    static Weights broadcast(const Element* from) { return broadcast_word(from); }
    static Sums multiply_add(Sums sums, Weights weights, Weights x) {
        return _mm256_add_epi32(sums, _mm256_madd_epi16(weights, x));
    }
    static Sums sum(Sums a, Sums b) { return _mm256_add_epi32(a, b); }
    static Sums difference(Sums a, Sums b) { return _mm256_sub_epi32(a, b); }
    template <int N>
    static Sums shift_right(Sums sums) {
        return _mm256_srai_epi32(sums, N);
    }
    template <std::int32_t N>
    static Sums multiply_low(Sums sums) {
        return _mm256_mullo_epi32(sums, _mm256_set1_epi32(N));
    }

    template <int V>
    static Bytes gather(const Element* from, const std::ptrdiff_t* places) {
        const __m256i low = _mm256_packus_epi16(slice(from + places[0], from + places[1]),
                                                slice(from + places[2], from + places[3]));
        return _mm256_permutevar8x32_epi32(low, _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7));
    }
    template <int V>
    static void scatter(Element* to, const std::ptrdiff_t* places, Bytes bytes) {
        for (int i = 0; i < 4; ++i) {
            store_slice(to + places[i], bytes, i);
        }
    }
    static void store_slice(Element* to, Bytes bytes, int slice) {
        const __m128i own = half(bytes, slice / 2);
        const __m128i part = slice % 2 ? _mm_unpackhi_epi8(own, _mm_setzero_si128()) : _mm_cvtepu8_epi16(own);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), part);
    }

  private:
    /// Loads eight elements each from two addresses.
    static __m256i slice(const Element* a, const Element* b) {
        return _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a))),
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(b)), 1);
    }
};

/// 256-bit VNNI: activations are bytes, four channels per broadcast word.
struct AvxVnni : Avx2Common {
    // Twelve sums hide the latency of the accumulation.
    static constexpr int kMostRows[] = {12, 6};
    static constexpr int kWord = 4;
    static constexpr int kPeakChains = 12;
    using Element = std::uint8_t;

    static Weights broadcast(const Element* from) { return broadcast_word(from); }
#ifdef __AVXVNNI__
    static Sums multiply_add(Sums sums, Weights weights, Weights x) {
        return _mm256_dpbusd_avx_epi32(sums, x, weights);
    }
#endif

    /// Loads four slices of 8 bytes from their addresses; groups of V are contiguous.
    template <int V>
    static Bytes gather(const Element* from, const std::ptrdiff_t* places) {
        if constexpr (V == 4) {
            return load(from + places[0]);
        }
        return _mm256_inserti128_si256(_mm256_castsi128_si256(pair<V>(from + places[0], from + places[1])),
                                       pair<V>(from + places[2], from + places[3]), 1);
    }
    template <int V>
    static void scatter(Element* to, const std::ptrdiff_t* places, Bytes bytes) {
        if constexpr (V == 4) {
            store(to + places[0], bytes);
        } else if constexpr (V == 2) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + places[0]), half(bytes, 0));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + places[2]), half(bytes, 1));
        } else {
            for (int i = 0; i < 4; ++i) {
                store_slice(to + places[i], bytes, i);
            }
        }
    }
    static void store_slice(Element* to, Bytes bytes, int slice) {
        const __m128i own = half(bytes, slice / 2);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to), slice % 2 ? _mm_unpackhi_epi64(own, own) : own);
    }

  private:
    template <int V>
    static __m128i pair(const Element* a, const Element* b) {
        if constexpr (V == 2) {
            return _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
        } else {
            return _mm_unpacklo_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(a)),
                                      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(b)));
        }
    }
};

}  // namespace
}  // namespace tilewright::cpu

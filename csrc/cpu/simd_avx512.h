#pragma once

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own headers here: _mm512_undefined_ps() initialises a variable with itself.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace tilewright::cpu {
namespace {

/// The common part of AVX-512 with and without VNNI and VBMI: the epilogue.
struct Avx512Common {
    static constexpr int kLanes = 16;
    static constexpr int kVectorBytes = 64;
    static constexpr int kMostVectors = 4;
    static constexpr int kMostRows[] = {12, 12, 8, 4};
    static constexpr bool kSignedInputs = false;
    static constexpr int kPeakChains = 12;
    static constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    using Sums = __m512i;
    using Weights = __m512i;
    using Floats = __m512;
    using Bytes = __m512i;  // four registers of sums

    static Sums load_sums(const std::int32_t* from) { return _mm512_loadu_si512(from); }
    static void store_sums(std::int32_t* to, Sums sums) { _mm512_storeu_si512(to, sums); }
    static Weights load_weights(const std::uint8_t* from) { return _mm512_load_si512(from); }
    static Floats load_floats(const float* from) { return _mm512_loadu_ps(from); }
    static Bytes load_bytes(const std::uint8_t* from) { return _mm512_loadu_si512(from); }
    static void store_bytes(std::uint8_t* to, Bytes bytes) { _mm512_storeu_si512(to, bytes); }

    /// Requantises as specified in ops/requantize.h. Packing saturates, which implements the clamp. Only a
    /// product beyond int32 needs a clamp before; at the lower end, the conversion itself gives -2^31.
    template <bool Clamp>
    static Bytes requantize(const Sums* sums, const Floats* factors, int zero_out) {
        __m512i whole[4];
        for (int i = 0; i < 4; ++i) {
            __m512 real =
                _mm512_mul_round_ps(_mm512_cvt_roundepi32_ps(sums[i], kNearest), factors[i], kNearest);
            if (Clamp) {
                real = _mm512_min_ps(real, _mm512_set1_ps(255.0f));
            }
            whole[i] = _mm512_cvt_roundps_epi32(real, kNearest);
        }
        const __m512i zero = _mm512_set1_epi16(static_cast<short>(zero_out));
        const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(whole[0], whole[1]), zero);
        const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(whole[2], whole[3]), zero);
        const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        return _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high));
    }

    /// clamp(other + own - zero): one of the two saturated differences is 0.
    static Bytes splat(std::uint8_t value) { return _mm512_set1_epi8(static_cast<char>(value)); }

    static Bytes add(Bytes other, Bytes own, Bytes zero) {
        return _mm512_subs_epu8(_mm512_adds_epu8(other, _mm512_subs_epu8(own, zero)),
                                _mm512_subs_epu8(zero, own));
    }

    /// Rank: 256 sum + 255 - channel.
    static Sums rank_one(Sums sums, Sums below) { return _mm512_or_si512(_mm512_slli_epi32(sums, 8), below); }

    static Sums rank(Sums sums, int first_channel) {
        const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        const __m512i below = _mm512_sub_epi32(_mm512_set1_epi32(255 - first_channel), lane);
        return rank_one(sums, below);
    }

    static Sums greater(Sums a, Sums b) { return _mm512_max_epi32(a, b); }

    /// Returns the maximum lane of each register, by merging four registers in pairs.
    template <int R>
    static void greatest(const Sums (&sums)[R], std::int32_t* ranks) {
        for (int r = 0; r < R; r += 4) {
            const __m512i a = merge(sums[r], sums[r + 1]);      // lanes of 0 1 0 1
            const __m512i b = merge(sums[r + 2], sums[r + 3]);  // lanes of 2 3 2 3
            const __m512i four = _mm512_max_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
            const __m256i half =
                _mm256_max_epi32(_mm512_castsi512_si256(four), _mm512_extracti64x4_epi64(four, 1));
            const __m128i all =
                _mm_max_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(ranks + r), all);
        }
    }

#ifdef __AVX512VBMI__
    static constexpr bool kChainedTables = false;
    static Bytes look_up(const std::uint8_t* table, Bytes index) {
        asm("" : "+r"(table));  // otherwise GCC would spill the tables
        const __m512i low =
            _mm512_permutex2var_epi8(_mm512_load_si512(table), index, _mm512_load_si512(table + 64));
        const __m512i high =
            _mm512_permutex2var_epi8(_mm512_load_si512(table + 128), index, _mm512_load_si512(table + 192));
        return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
    }
#else
    /// As in simd_avx2.h.
    static constexpr bool kChainedTables = true;
    static Bytes look_up(const std::uint8_t* table, Bytes index) {
        return _mm512_xor_si512(look_up_half(table, index),
                                look_up_half(table + 128, _mm512_xor_si512(index, _mm512_set1_epi8(-128))));
    }
    static Bytes look_up_half(const std::uint8_t* table, Bytes index) {
        __m512i bytes = _mm512_setzero_si512();
        for (int i = 0; i < 8; ++i) {
            const __m512i part = _mm512_broadcast_i32x4(load128(table + 16 * i));
            bytes = _mm512_xor_si512(bytes, _mm512_shuffle_epi8(part, index));
            index = _mm512_subs_epi8(index, _mm512_set1_epi8(16));
        }
        return bytes;
    }
#endif

  protected:
    static __m128i load128(const std::uint8_t* from) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    }
    static __m256i load256(const std::uint8_t* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    static void store256(std::uint8_t* to, __m256i bytes) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
    }
    static Weights broadcast_word(const void* from) {
        std::int32_t word;
        __builtin_memcpy(&word, from, sizeof(word));
        return _mm512_set1_epi32(word);
    }
    static __m128i extract(Bytes bytes, int slice) {
        switch (slice) {
            case 0:
                return _mm512_castsi512_si128(bytes);
            case 1:
                return _mm512_extracti32x4_epi32(bytes, 1);
            case 2:
                return _mm512_extracti32x4_epi32(bytes, 2);
            default:
                return _mm512_extracti32x4_epi32(bytes, 3);
        }
    }

  private:
    static __m512i merge(__m512i a, __m512i b) {
        return _mm512_max_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    }
};

/// Without VNNI: activations as int16, two channels to a broadcast word, as in simd_avx2.h.
struct Avx512 : Avx512Common {
    using Element = std::int16_t;
    static constexpr int kWord = 2;

    static Weights broadcast(const Element* from) { return broadcast_word(from); }
    static Sums multiply_add(Sums sums, Weights weights, Weights x) {
        return _mm512_add_epi32(sums, _mm512_madd_epi16(weights, x));
    }
    static Sums sum(Sums a, Sums b) { return _mm512_add_epi32(a, b); }
    static Sums difference(Sums a, Sums b) { return _mm512_sub_epi32(a, b); }
    template <int N>
    static Sums shift_right(Sums sums) {
        return _mm512_srai_epi32(sums, N);
    }
    template <std::int32_t N>
    static Sums multiply_low(Sums sums) {
        return _mm512_mullo_epi32(sums, _mm512_set1_epi32(N));
    }

    template <int V>
    static Bytes gather(const Element* from, const std::ptrdiff_t* places) {
        __m512i bytes = _mm512_castsi128_si512(narrow(from + places[0]));
        bytes = _mm512_inserti32x4(bytes, narrow(from + places[1]), 1);
        bytes = _mm512_inserti32x4(bytes, narrow(from + places[2]), 2);
        return _mm512_inserti32x4(bytes, narrow(from + places[3]), 3);
    }
    template <int V>
    static void scatter(Element* to, const std::ptrdiff_t* places, Bytes bytes) {
        for (int i = 0; i < 4; ++i) {
            store_slice(to + places[i], bytes, i);
        }
    }
    static void store_slice(Element* to, Bytes bytes, int slice) {
        store256(reinterpret_cast<std::uint8_t*>(to), _mm256_cvtepu8_epi16(extract(bytes, slice)));
    }

  private:
    static __m128i narrow(const Element* from) {
        return _mm256_cvtepi16_epi8(load256(reinterpret_cast<const std::uint8_t*>(from)));
    }
};

/// With VNNI: activations as bytes, four channels to a broadcast word.
struct Vnni : Avx512Common {
    using Element = std::uint8_t;
    static constexpr int kWord = 4;

    static Weights broadcast(const Element* from) { return broadcast_word(from); }
#ifdef __AVX512VNNI__
    static Sums multiply_add(Sums sums, Weights weights, Weights x) {
        return _mm512_dpbusd_epi32(sums, x, weights);
    }
#endif

    static Sums splat_sum(std::int32_t sum) { return _mm512_set1_epi32(sum); }

    /// Loads four words of each of 16 pixels that are `stride` bytes apart, and transposes them; words are
    /// `pitch` apart.
    static void load_words(const std::uint8_t* from, std::ptrdiff_t stride, std::int32_t* words,
                           std::ptrdiff_t pitch) {
        __m512i pixels[4];  // q, q + 4, q + 8, q + 12
        for (int q = 0; q < 4; ++q) {
            const std::uint8_t* first = from + q * stride;
            pixels[q] = _mm512_castsi128_si512(load128(first));
            pixels[q] = _mm512_inserti32x4(pixels[q], load128(first + 4 * stride), 1);
            pixels[q] = _mm512_inserti32x4(pixels[q], load128(first + 8 * stride), 2);
            pixels[q] = _mm512_inserti32x4(pixels[q], load128(first + 12 * stride), 3);
        }
        const __m512i low0 = _mm512_unpacklo_epi32(pixels[0], pixels[1]);
        const __m512i high0 = _mm512_unpackhi_epi32(pixels[0], pixels[1]);
        const __m512i low1 = _mm512_unpacklo_epi32(pixels[2], pixels[3]);
        const __m512i high1 = _mm512_unpackhi_epi32(pixels[2], pixels[3]);
        store_sums(words, _mm512_unpacklo_epi64(low0, low1));
        store_sums(words + pitch, _mm512_unpackhi_epi64(low0, low1));
        store_sums(words + 2 * pitch, _mm512_unpacklo_epi64(high0, high1));
        store_sums(words + 3 * pitch, _mm512_unpackhi_epi64(high0, high1));
    }

    /// Extracts the channels of ranks.
    static void store_best(std::uint8_t* to, Sums ranks) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                         _mm512_cvtepi32_epi8(_mm512_xor_si512(ranks, _mm512_set1_epi32(-1))));
    }

    /// Loads four slices of 16 bytes from their addresses; groups of V are contiguous.
    template <int V>
    static Bytes gather(const Element* from, const std::ptrdiff_t* places) {
        if constexpr (V == 4) {
            return _mm512_loadu_si512(from + places[0]);
        } else if constexpr (V == 2) {
            const __m512i low = _mm512_castsi256_si512(load256(from + places[0]));
            return _mm512_inserti64x4(low, load256(from + places[2]), 1);
        } else {
            __m512i bytes = _mm512_castsi128_si512(load128(from + places[0]));
            bytes = _mm512_inserti32x4(bytes, load128(from + places[1]), 1);
            bytes = _mm512_inserti32x4(bytes, load128(from + places[2]), 2);
            return _mm512_inserti32x4(bytes, load128(from + places[3]), 3);
        }
    }

    template <int V>
    static void scatter(Element* to, const std::ptrdiff_t* places, Bytes bytes) {
        if constexpr (V == 4) {
            _mm512_storeu_si512(to + places[0], bytes);
        } else if constexpr (V == 2) {
            store256(to + places[0], _mm512_castsi512_si256(bytes));
            store256(to + places[2], _mm512_extracti64x4_epi64(bytes, 1));
        } else {
            for (int i = 0; i < 4; ++i) {
                store_slice(to + places[i], bytes, i);
            }
        }
    }

    static void store_slice(Element* to, Bytes bytes, int slice) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), extract(bytes, slice));
    }
};

}  // namespace
}  // namespace tilewright::cpu

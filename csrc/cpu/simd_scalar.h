#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/requantize.h"

namespace tilewright::cpu {
namespace {

/// Plain C++ in the shape of a register of four: what every processor can run.
struct Scalar {
    static constexpr int kLanes = 4;
    static constexpr int kVectorBytes = 16;
    static constexpr int kMostVectors = 2;
    static constexpr int kWord = 2;
    static constexpr int kPeakOperands = 12;
    using Element = std::int16_t;

    struct Sums {
        std::int32_t lane[kLanes];
    };
    struct Weights {
        std::int16_t lane[2 * kLanes];
    };
    struct Floats {
        float lane[kLanes];
    };
    struct Bytes {
        std::uint8_t lane[4 * kLanes];
    };

    static Sums load_sums(const std::int32_t* from) { return load<Sums>(from); }
    static void store_sums(std::int32_t* to, const Sums& sums) { __builtin_memcpy(to, &sums, sizeof(sums)); }
    static Weights load_weights(const std::uint8_t* from) { return load<Weights>(from); }
    static Floats load_floats(const float* from) { return load<Floats>(from); }
    static Bytes load_bytes(const std::uint8_t* from) { return load<Bytes>(from); }
    static void store_bytes(std::uint8_t* to, const Bytes& bytes) {
        __builtin_memcpy(to, &bytes, sizeof(bytes));
    }

    static Weights broadcast(const Element* from) {
        Weights word;
        for (int i = 0; i < 2 * kLanes; ++i) {
            word.lane[i] = from[i % 2];
        }
        return word;
    }
    static Sums multiply_add(Sums sums, const Weights& weights, const Weights& x) {
        for (int i = 0; i < kLanes; ++i) {
            sums.lane[i] += weights.lane[2 * i] * x.lane[2 * i] + weights.lane[2 * i + 1] * x.lane[2 * i + 1];
        }
        return sums;
    }

    template <bool Clamp>
    static Bytes requantize(const Sums* sums, const Floats* factors, int zero_out) {
        Bytes bytes;
        for (int i = 0; i < 4 * kLanes; ++i) {
            bytes.lane[i] = ops::requantize(sums[i / kLanes].lane[i % kLanes],
                                            factors[i / kLanes].lane[i % kLanes], zero_out);
        }
        return bytes;
    }
    static Bytes look_up(const std::uint8_t* table, Bytes index) {
        for (std::uint8_t& byte : index.lane) {
            byte = table[byte];
        }
        return index;
    }
    static Bytes add(const Bytes& other, Bytes own, int zero) {
        for (int i = 0; i < 4 * kLanes; ++i) {
            const int sum = other.lane[i] + own.lane[i] - zero;
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

    static void store_quad(Element* to, const std::uint8_t* from) {
        for (int i = 0; i < 4; ++i) {
            to[i] = from[i];
        }
    }

    static Sums rank(Sums sums, int first_channel) {
        for (int i = 0; i < kLanes; ++i) {
            sums.lane[i] = sums.lane[i] * 256 + (255 - first_channel - i);
        }
        return sums;
    }
    static Sums greater(Sums a, const Sums& b) {
        for (int i = 0; i < kLanes; ++i) {
            a.lane[i] = a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i];
        }
        return a;
    }
    template <int R>
    static void greatest(const Sums (&sums)[R], std::int32_t* ranks) {
        for (int r = 0; r < R; ++r) {
            ranks[r] = sums[r].lane[0];
            for (const std::int32_t lane : sums[r].lane) {
                ranks[r] = ranks[r] > lane ? ranks[r] : lane;
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

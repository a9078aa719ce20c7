#pragma once

#include <cstdint>

/// The purposes of random words: the last word of a Philox counter (docs/seeds.md). Different streams are
/// independent. python/tilewright/streams.py has the same table.
namespace tilewright::streams {

constexpr std::uint32_t kLatents = 0;
constexpr std::uint32_t kKind = 1;
constexpr std::uint32_t kWfcPattern = 2;
constexpr std::uint32_t kWfcTieBreak = 3;
constexpr std::uint32_t kTileVariant = 4;
constexpr std::uint32_t kOrder = 5;
constexpr std::uint32_t kGumbel = 6;
constexpr std::uint32_t kTileChoice = 7;
constexpr std::uint32_t kVariation = 8;
constexpr std::uint32_t kLevel = 9;
constexpr std::uint32_t kLevelNoise = 10;
constexpr std::uint32_t kWorld = 11;
constexpr std::uint32_t kHalton = 12;
constexpr std::uint32_t kBegin = 13;
constexpr std::uint32_t kSound = 14;
constexpr std::uint32_t kLore = 15;

/// Round r of refinement uses stream number + kRounds * r; the sampling before is round 0.
constexpr std::uint32_t kRounds = 256;

}  // namespace tilewright::streams

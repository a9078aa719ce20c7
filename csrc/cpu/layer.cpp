#include "cpu/layer.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "cpu/argmax_layer.h"
#include "cpu/direct_layer.h"
#include "cpu/winograd_layer.h"

namespace tilewright::cpu {

namespace {

constexpr int kMostTileVectors = 3;

/// Stores each 16 bytes as xor with the previous ones, in either half: see chained_look_up in simd_avx2.h.
void chain_table(std::uint8_t* table) {
    for (int i = 255; i >= 16; --i) {
        table[i] = static_cast<std::uint8_t>(i / 16 == 8 ? table[i] : table[i] ^ table[i - 16]);
    }
}

}  // namespace

int most_vectors_of(const Kernels& kernels) {
    return kernels.uses_amx_tiles ? kMostTileVectors : kernels.most_vectors;
}

std::unique_ptr<Layer> Layer::make(const Stage& stage, const Layout& input, const Layout& output,
                                   const Kernels& kernels, int most_tiles, bool by_cells) {
    CpuLayerGeometry source(stage, input, output, kernels, by_cells);
    if (!by_cells && WinogradLayer::suits(stage, source, kernels)) {
        return std::make_unique<WinogradLayer>(stage, std::move(source), input, output, kernels, most_tiles);
    }
    if (!by_cells && ArgmaxLayer::suits(source, input, kernels)) {
        return std::make_unique<ArgmaxLayer>(stage, std::move(source), input, output, kernels);
    }
    return std::make_unique<DirectLayer>(stage, std::move(source), input, output, kernels, most_tiles,
                                         by_cells);
}

Layer::Layer(const Stage& stage, CpuLayerGeometry source, const Layout& input, const Layout& output,
             const Kernels& kernels)
    : source_(std::move(source)), input_(input), output_(output), kernels_(&kernels) {
    choose_columns();
    set_epilogue(stage);
}

void Layer::choose_columns() {
    const int lanes = kernels_->lanes;
    int left = (source_.lanes + lanes - 1) / lanes;
    for (int first = 0; left > 0;) {
        int vectors = std::min(left, kernels_->most_vectors);
        if (kernels_->uses_amx_tiles) {
            vectors = left == kMostTileVectors
                          ? left
                          : std::min(left, 2);  // pairs, for two rows of tiles; see amx.cpp
        } else if (left == 5 || left == 6) {
            vectors = std::min(3, kernels_->most_vectors);  // 3 + 3 uses the units better than 4 + 2
        }
        columns_.push_back({first, vectors, 0});
        first += vectors;
        left -= vectors;
    }
    padded_lanes_ = static_cast<std::size_t>(columns_.back().first + columns_.back().vectors) * lanes;
}

std::vector<Layer::WordRange> Layer::all_words(int taps) const {
    std::vector<WordRange> ranges;
    for (int tap = 0; tap < taps; ++tap) {
        ranges.push_back({tap, 0, convolution_.words, convolution_.tap_words});
    }
    return ranges;
}

/// Packs weights in the order of access: phase, channel group, range, word, register, lane, channel of the
/// word.
void Layer::pack_weights(std::size_t phases, const std::vector<WordRange>& ranges, const WeightRow& row) {
    const int lanes = kernels_->lanes;
    const auto word = static_cast<std::size_t>(kernels_->word);
    const std::size_t weight_bytes = 4 / word;
    std::size_t words = 0;
    for (const WordRange& range : ranges) {
        words += static_cast<std::size_t>(range.packed);
    }
    phase_bytes_ = 4 * padded_lanes_ * words;
    weights_ = allocate_aligned(std::max(phase_bytes_ * phases, std::size_t{1}));
    std::vector<std::int16_t> weights(static_cast<std::size_t>(source_.in_channels));
    for (std::size_t p = 0; p < phases; ++p) {
        std::uint8_t* to = weights_.get() + p * phase_bytes_;
        for (ChannelGroup& columns : columns_) {
            columns.weights = to - (weights_.get() + p * phase_bytes_);
            const auto group = static_cast<std::size_t>(columns.vectors * lanes);
            for (const WordRange& range : ranges) {
                const std::size_t begin = static_cast<std::size_t>(range.first) * word;
                const std::size_t end =
                    std::min(begin + static_cast<std::size_t>(range.words) * word, weights.size());
                for (std::size_t lane = 0; lane < group; ++lane) {
                    const int out = columns.first * lanes + static_cast<int>(lane);
                    if (out >= source_.lanes || !row(p, range.tap, out, weights.data())) {
                        continue;
                    }
                    for (std::size_t in = begin; in < end; ++in) {
                        const std::size_t place =
                            ((in - begin) / word * group + lane) * 4 + in % word * weight_bytes;
                        const auto narrow = static_cast<std::int8_t>(weights[in]);
                        if (weight_bytes == 1) {
                            std::memcpy(to + place, &narrow, sizeof(narrow));
                        } else {
                            std::memcpy(to + place, &weights[in], sizeof(weights[in]));
                        }
                    }
                }
                to += static_cast<std::size_t>(range.packed) * group * 4;
            }
        }
    }
    convolution_.columns = columns_.data();
    convolution_.column_count = static_cast<int>(columns_.size());
}

void Layer::set_epilogue(const Stage& stage) {
    convolution_.words = (source_.in_channels + kernels_->word - 1) / kernels_->word;
    convolution_.tap_words = round_up(convolution_.words, kernels_->tap_words);
    convolution_.input_stride = input_.padded;
    convolution_.result = source_.result;
    convolution_.grouped = source_.group == 2;
    convolution_.zero_out = source_.zero_out;
    convolution_.clamp = source_.clamp;
    if (stage.lookup) {
        table_ = allocate_aligned(256);
        std::copy(stage.lookup->table.begin(), stage.lookup->table.end(), table_.get());
        if (kernels_->chained_tables) {
            chain_table(table_.get());
        }
        convolution_.table = table_.get();
    }
    if (stage.add) {
        const ops::Add& add = *stage.add;
        Addition& addition = convolution_.addition;
        const bool own_first = !stage.added_first;
        addition.scale_own = own_first ? add.scale_a : add.scale_b;
        addition.scale_other = own_first ? add.scale_b : add.scale_a;
        addition.zero_own = own_first ? add.zero_a : add.zero_b;
        addition.zero_other = own_first ? add.zero_b : add.zero_a;
        addition.zero_out = add.zero_out;
        addition.integers =
            add.scale_a == 1.0f && add.scale_b == 1.0f && addition.zero_other == addition.zero_out;
    }
}

std::size_t Layer::most_bytes(const Stage& stage, const Layout& input, const Layout& output, int most_tiles) {
    const std::size_t cells =
        static_cast<std::size_t>(output.height) * static_cast<std::size_t>(output.width);
    std::size_t kernels_in_use =
        100;  // for a transposed convolution: four phases of 25 products (winograd.h)
    std::size_t points = cells;
    const auto taps_of = [](const ops::Convolution& c) {
        // The window of a group has at most 16/9 of the kernel's area, a 3x3 kernel at most 36 products.
        return static_cast<std::size_t>(std::max(2 * c.kernel.y * c.kernel.x, 36));
    };
    if (const auto* conv = std::get_if<ops::Conv2d>(&stage.step->op)) {
        kernels_in_use = taps_of(conv->convolution);
    } else if (const auto* scores = std::get_if<ops::Scores>(&stage.step->op)) {
        kernels_in_use = taps_of(scores->convolution);
    } else if (std::holds_alternative<ops::Dense>(stage.step->op)) {
        kernels_in_use =
            cells * static_cast<std::size_t>(input.height) * static_cast<std::size_t>(input.width);
        points = 1;
    }
    // A lane's weights of a position have two bytes each on some instruction sets, and fill rows of 64 bytes
    // on AMX. Lanes are padded to multiples of 16 at most.
    const int lane_bytes = std::max(2 * round_up(input.channels, 2), round_up(input.channels, 64));
    const std::size_t lanes = static_cast<std::size_t>(round_up(output.channels, 16));
    // A point takes about 10 bytes, or 20 in groups, for each of four block sizes; the numbers of tiles sum
    // up to 2 T.
    const std::size_t point_bytes = std::size_t{80} * 2 * static_cast<std::size_t>(most_tiles);
    return kernels_in_use * static_cast<std::size_t>(lane_bytes) * lanes + points * point_bytes;
}

}  // namespace tilewright::cpu

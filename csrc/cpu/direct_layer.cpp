#include "cpu/direct_layer.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>
#include <variant>

#include "ops/sum_bounds.h"

namespace tilewright::cpu {
namespace {

/// Estimates the instructions of a block per word: products, broadcasts, loads of weights, and the loop.
int instructions_of_word(int rows, int vectors) { return rows * vectors + rows + vectors + 3; }

}  // namespace

DirectLayer::DirectLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input,
                         const Layout& output, const Kernels& kernels, int most_tiles, bool by_cells)
    : Layer(stage, std::move(source), input, output, kernels) {
    std::set<int> rows;
    std::set<int> columns;
    for (const PhaseSource& phase : source_.phases) {
        for (const Position& position : phase.positions) {
            rows.insert(position.dy);
            columns.insert(position.dx);
        }
    }
    row_offsets_.assign(rows.begin(), rows.end());
    column_offsets_.assign(columns.begin(), columns.end());
    pack_weights(source_.phases.size(), all_words(static_cast<int>(source_.phases[0].positions.size())),
                 [this](std::size_t phase, int tap, int lane, std::int16_t* to) {
                     const std::int8_t* weights = source_.phases[phase].weights(tap, lane);
                     if (weights) {
                         std::copy_n(weights, source_.in_channels, to);
                     }
                     return weights != nullptr;
                 });
    cut_points(most_tiles, by_cells);
    make_tap_sets();
    for (PhaseSource& phase : source_.phases) {
        phase.weights = nullptr;  // the op's arrays may be freed before this layer
    }
}

// --- Points and their taps ---

PointClass DirectLayer::class_of(int y, int x) const {
    PointClass point_class{0, 0};
    if (source_.skips_border) {
        const auto meets = [](int cell, int length) { return cell >= 0 && cell < length; };
        for (std::size_t i = 0; i < row_offsets_.size(); ++i) {
            const int cell = source_.in_origin + y * source_.in_step + row_offsets_[i];
            point_class.first |= std::uint64_t{meets(cell, input_.height)} << i;
        }
        for (std::size_t i = 0; i < column_offsets_.size(); ++i) {
            const int cell = source_.in_origin + x * source_.in_step + column_offsets_[i];
            point_class.second |= std::uint64_t{meets(cell, input_.width)} << i;
        }
    }
    return point_class;
}

bool DirectLayer::reached(const PointClass& point_class, const Position& position) const {
    if (!source_.skips_border) {
        return true;
    }
    const auto row = std::lower_bound(row_offsets_.begin(), row_offsets_.end(), position.dy);
    const auto column = std::lower_bound(column_offsets_.begin(), column_offsets_.end(), position.dx);
    return (point_class.first >> (row - row_offsets_.begin()) & 1) &&
           (point_class.second >> (column - column_offsets_.begin()) & 1);
}

int DirectLayer::number_of(const PointClass& point_class) {
    const auto found = classes_.find(point_class);
    return found != classes_.end()
               ? found->second
               : classes_.emplace(point_class, static_cast<int>(classes_.size())).first->second;
}

/// Appends the elements that a point's first phase writes: one, or one per cell of a group, -1 if it does not
/// exist.
void DirectLayer::append_outputs(int point, int tile, int tiles, std::vector<std::int32_t>& outputs) const {
    const int y = source_.out_origin + point / source_.width * source_.out_step;
    const int x = source_.out_origin + point % source_.width * source_.out_step;
    if (source_.result == Result::kArgmax) {
        outputs.push_back(tile * output_.height * output_.width + point);
        return;
    }
    for (int dy = 0; dy < source_.group; ++dy) {
        for (int dx = 0; dx < source_.group; ++dx) {
            const int cell = (y + dy) * output_.width + x + dx;
            const bool inside =
                y + dy >= 0 && y + dy < output_.height && x + dx >= 0 && x + dx < output_.width;
            const int offset = output_.colours
                                   ? (tile * output_.height * output_.width + cell) * output_.channels
                                   : output_.cell(y + dy, x + dx) * tiles + tile * output_.padded;
            outputs.push_back(inside ? offset : -1);
        }
    }
}

PointList DirectLayer::list_points(int tiles) const {
    PointList points;
    points.outputs_each = static_cast<std::size_t>(source_.group * source_.group);
    points.stride = input_.padded;
    for (int point = 0; point < source_.height * source_.width; ++point) {
        const int y = source_.in_origin + point / source_.width * source_.in_step;
        const int x = source_.in_origin + point % source_.width * source_.in_step;
        for (int tile = 0; tile < tiles; ++tile) {
            points.inputs.push_back(input_.cell(y, x) * tiles + tile * input_.padded);
            append_outputs(point, tile, tiles, points.outputs);
            points.classes.push_back(class_of(point / source_.width, point % source_.width));
        }
    }
    return points;
}

double DirectLayer::cost_of(const PointClass& point_class, int rows, int vectors) const {
    constexpr int kEpilogue = 8;  // instructions per register of sums
    constexpr int kBlock = 20;
    int taps = 0;
    for (const PhaseSource& phase : source_.phases) {
        for (const Position& position : phase.positions) {
            taps += reached(point_class, position) ? 1 : 0;
        }
    }
    return taps * convolution_.words * instructions_of_word(rows, vectors) +
           static_cast<double>(source_.phases.size()) * (rows * vectors * kEpilogue + kBlock);
}

std::array<Blocks, kSchedules> DirectLayer::cut(const PointList& points, int vectors) {
    const ClassNumber number = [this](const PointClass& point_class) { return number_of(point_class); };
    std::map<std::pair<PointClass, int>, double> known;
    const BlockCost cost = [&](const PointClass& point_class, int rows) {
        const auto [place, fresh] = known.try_emplace({point_class, rows}, 0.0);
        if (fresh) {
            place->second = cost_of(point_class, rows, vectors);
        }
        return place->second;
    };
    std::array<Blocks, kSchedules> blocks =
        cut_by_class(points, kernels_->most_rows[vectors - 1], cost, number);
    for (const Blocks& some : blocks) {
        reads_border_ = reads_border_ || some.mixes_classes();
    }
    return blocks;
}

void DirectLayer::cut_points(int most_tiles, bool by_cells) {
    reads_border_ = (source_.reach.y > 0 || source_.reach.x > 0) && !source_.skips_border;
    for (const int tiles : kTileCounts) {
        if (tiles > most_tiles) {
            continue;
        }
        const PointList points = list_points(tiles);
        Cuts& cuts = cuts_[tiles];
        if (kernels_->uses_amx_tiles) {
            cuts.amx_blocks = cut_in_order(
                points, 16, [this](const PointClass& point_class) { return number_of(point_class); });
            reads_border_ = reads_border_ || cuts.amx_blocks.mixes_classes();
            if (cuts.amx_blocks.regular() && !by_cells) {
                continue;  // AMX processes all of them
            }
        }
        for (const ChannelGroup& columns : columns_) {
            if (!cuts.by_vectors.count(columns.vectors)) {
                cuts.by_vectors.emplace(columns.vectors, cut(points, columns.vectors));
            }
        }
        if (by_cells) {
            cuts.points = {points.inputs, points.outputs, {}};
            for (const PointClass& point_class : points.classes) {
                cuts.points.classes.push_back(number_of(point_class));
            }
        }
    }
    for (int point = 0; point < source_.height * source_.width; ++point) {
        number_of(class_of(point / source_.width, point % source_.width));
    }
}

/// Whether a position has a non-zero weight. Masked taps are not multiplied.
bool DirectLayer::matters(const PhaseSource& phase, int tap) const {
    for (int lane = 0; lane < source_.lanes; ++lane) {
        const std::int8_t* weights = phase.weights(tap, lane);
        if (weights &&
            std::any_of(weights, weights + source_.in_channels, [](std::int8_t w) { return w != 0; })) {
            return true;
        }
    }
    return false;
}

void DirectLayer::make_tap_sets() {
    std::vector<PointClass> classes(classes_.size());
    for (const auto& [point_class, number] : classes_) {
        classes[static_cast<std::size_t>(number)] = point_class;
    }
    std::vector<std::uint64_t> points_in(classes.size(), 0);
    for (int point = 0; point < source_.height * source_.width; ++point) {
        ++points_in[static_cast<std::size_t>(
            number_of(class_of(point / source_.width, point % source_.width)))];
    }
    // Lanes without a channel must never be the maximum.
    const std::int32_t nothing = source_.result == Result::kArgmax ? -kRankLimit : 0;
    tap_sets_.reserve(source_.phases.size() * classes.size());
    for (std::size_t p = 0; p < source_.phases.size(); ++p) {
        const PhaseSource& phase = source_.phases[p];
        std::vector<bool> matter;
        for (std::size_t tap = 0; tap < phase.positions.size(); ++tap) {
            matter.push_back(matters(phase, static_cast<int>(tap)));
        }
        for (std::size_t number = 0; number < classes.size(); ++number) {
            std::vector<std::int32_t>& bias = biases_.emplace_back(padded_lanes_, nothing);
            std::copy(phase.bias.begin(), phase.bias.end(), bias.begin());
            std::vector<Tap>& taps = taps_.emplace_back();
            for (std::size_t tap = 0; tap < phase.positions.size(); ++tap) {
                const Position& position = phase.positions[tap];
                const bool met = matter[tap] && reached(classes[number], position);
                if (met) {
                    taps.push_back({(position.dy * input_.pitch() + position.dx) * input_.padded,
                                    static_cast<std::int32_t>(tap)});
                }
                for (int lane = 0; lane < source_.lanes; ++lane) {
                    const std::int8_t* weights = phase.weights(static_cast<int>(tap), lane);
                    if (!weights) {
                        continue;
                    }
                    if (met) {
                        multiply_adds_ += points_in[number] * static_cast<std::uint64_t>(source_.in_channels);
                    }
                    // Terms that the kernel omits: the border, and the offset of its inputs.
                    const int missing = !met ? source_.zero_in : kernels_->signed_inputs ? 128 : 0;
                    const int sum = std::accumulate(weights, weights + source_.in_channels, 0);
                    bias[static_cast<std::size_t>(lane)] += missing * sum;
                }
            }
            tap_sets_.push_back({taps.data(), static_cast<int>(taps.size()), bias.data()});
        }
        std::vector<float>& multiplier = multipliers_.emplace_back(padded_lanes_, 0.0f);
        std::copy(phase.multiplier.begin(), phase.multiplier.end(), multiplier.begin());
        phases_.push_back({tap_sets_.data() + p * classes.size(), weights_.get() + p * phase_bytes_,
                           output_.cell(phase.out_y, phase.out_x) - output_.cell(0, 0), multiplier.data()});
    }
    convolution_.phases = phases_.data();
    convolution_.phase_count = static_cast<int>(phases_.size());
}

bool DirectLayer::argmax_fits(const Stage& stage, const Kernels& kernels) {
    const ops::Convolution& op = std::get<ops::Scores>(stage.step->op).convolution;
    if (op.out_channels > kernels.lanes * most_vectors_of(kernels)) {
        return false;
    }
    for (const auto& [low, high] : ops::sum_bounds(op.weights, op.bias, op.out_channels)) {
        if (low <= -kRankLimit || high >= kRankLimit) {
            return false;
        }
    }
    return true;
}

// --- Running ---

std::size_t DirectLayer::index_scratch_size(int tiles) const {
    const auto points = static_cast<std::size_t>(source_.height * source_.width * tiles);
    return static_cast<std::size_t>(kMostVectors) * request_index_count(points, classes_.size());
}

void DirectLayer::run(const LayerCall& layer) const {
    Convolution call = convolution_;
    call.input = layer.input;
    call.output = layer.output;
    call.addition.other = layer.other;
    call.tiles = layer.tiles;
    call.in_quads = !layer.requested && layer.tiles % 4 == 0 && columns_.size() == 1 && !call.grouped &&
                    output_.padded == columns_[0].vectors * kernels_->lanes;
    const Cuts& cuts = cuts_.at(layer.tiles);
    Schedules schedules[kMostVectors] = {};
    std::int32_t* index_scratch = layer.index_scratch;
    for (const auto& [vectors, blocks] : cuts.by_vectors) {
        Schedules& all = schedules[vectors - 1];
        if (layer.requested) {
            index_scratch += cut_requested(cuts.points, *layer.requested, kernels_->most_rows[vectors - 1],
                                           classes_.size(), index_scratch, all);
            continue;
        }
        for (std::size_t i = 0; i < kSchedules; ++i) {
            all.by_rows[i] = blocks[i].view();
        }
    }
    call.schedules = schedules;
    if (!cuts.amx_blocks.empty()) {
        call.amx_blocks = layer.requested
                              ? cuts.amx_blocks.choose(layer.requested->cells, layer.tiles, index_scratch)
                              : cuts.amx_blocks.view();
    }
    const int count = pieces(layer);
    if (count == 1) {
        kernels_->convolve(call);
    } else {
        run_in_pieces(call, count, layer.interrupt);
    }
}

void DirectLayer::run_in_pieces(const Convolution& all, int count, Interrupt* interrupt) const {
    constexpr int kTileRows = 16;
    const int outputs_each = source_.group * source_.group;
    for (int number = 0; number < count && !requested(interrupt); ++number) {
        Convolution call = all;
        Schedules schedules[kMostVectors];
        for (int vectors = 0; vectors < kMostVectors; ++vectors) {
            for (int rows = 4; schedule_number(rows) < kSchedules; rows += 2) {
                const int i = schedule_number(rows);
                schedules[vectors].by_rows[i] =
                    part_of(all.schedules[vectors].by_rows[i], rows, outputs_each, number, count);
            }
        }
        call.schedules = schedules;
        call.amx_blocks = part_of(all.amx_blocks, kTileRows, outputs_each, number, count);
        kernels_->convolve(call);
    }
}

}  // namespace tilewright::cpu

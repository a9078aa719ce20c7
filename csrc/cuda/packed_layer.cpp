#include "cuda/packed_layer.h"

#include <algorithm>
#include <utility>

namespace tilewright::cuda {
namespace {

int round_up_chunks(int channels) { return (channels + kChunk - 1) / kChunk; }

Divisor make_divisor(int divisor) {
    std::uint32_t shift = 0;
    while (std::uint64_t{1} << shift < static_cast<std::uint64_t>(divisor)) {
        ++shift;
    }
    const std::uint64_t power = std::uint64_t{1} << (31 + shift);
    const std::uint64_t by = static_cast<std::uint64_t>(divisor);
    return {static_cast<std::uint32_t>(divisor), static_cast<std::uint32_t>((power + by - 1) / by), shift};
}

/// Returns value modulo size, at least 0.
int wrapped(int value, int size) { return (value % size + size) % size; }

/// Returns the positions of a phase whose weights are not all zero.
std::vector<int> used_positions(const PhaseSource& phase, int lanes, int in_channels) {
    std::vector<int> used;
    for (int position = 0; position < static_cast<int>(phase.positions.size()); ++position) {
        bool any = false;
        for (int lane = 0; lane < lanes && !any; ++lane) {
            const std::int8_t* row = phase.weights(position, lane);
            any = row && std::any_of(row, row + in_channels, [](std::int8_t weight) { return weight != 0; });
        }
        if (any) {
            used.push_back(position);
        }
    }
    return used;
}

/// Packs weights in the order of multiply_add's lanes: step, chunk of output channels, lane, then for either
/// matrix the 4 bytes of the first half of the step and the 4 of the second. Channels 4t and 4t + 1 of a
/// chunk are columns 2t and 2t + 1 of its first matrix, and 4t + 2 and 4t + 3 those of its second, so that
/// lane t gets four adjacent channels.
std::vector<std::int8_t> pack_weights(const PhaseSource& phase, const std::vector<int>& positions, int steps,
                                      int columns, const LayerGeometry& source) {
    const int chunks = round_up_chunks(source.in_channels);
    std::vector<std::int8_t> packed(static_cast<std::size_t>(steps) * static_cast<std::size_t>(columns) *
                                    kWarpThreads * 16);
    for (int chunk = 0; chunk < chunks * static_cast<int>(positions.size()); ++chunk) {
        const int step = chunk / kStepChunks;
        const int half = chunk % kStepChunks;
        const int position = positions[static_cast<std::size_t>(chunk / chunks)];
        const int first = chunk % chunks * kChunk;
        for (int lane = 0; lane < source.lanes; ++lane) {
            const std::int8_t* const row = phase.weights(position, lane);
            if (!row) {
                continue;
            }
            const int matrix = lane % 4 / 2;
            const int column = lane % kChunk / 4 * 2 + lane % 2;
            for (int k = 0; k < kChunk && first + k < source.in_channels; ++k) {
                const std::size_t thread = static_cast<std::size_t>(column * 4 + k / 4);
                const std::size_t group = static_cast<std::size_t>(step) * static_cast<std::size_t>(columns) +
                                          static_cast<std::size_t>(lane / kChunk);
                packed[(group * kWarpThreads + thread) * 16 +
                       static_cast<std::size_t>(matrix * 8 + half * 4 + k % 4)] = row[first + k];
            }
        }
    }
    return packed;
}

}  // namespace

/// The tile sizes of run_plan.cu's matrix product.
struct PackedLayer::Cut {
    int row_tiles;
    int columns;
    double cost;
};

PackedLayer::PackedLayer(const tilewright::Stage& stage, const MapShape& input, const MapShape& output,
                         Image& image) {
    const LayerGeometry source(stage, input, output, LayerGeometry::can_group(stage, output));
    compares_ = source.phases[0].multiplier.empty();
    reads_border_ = (source.reach.y > 0 || source.reach.x > 0) && !source.wraps;
    zero_in_ = source.zero_in;
    tile_points_ = source.height * source.width;
    layer_.phase_count = static_cast<std::int32_t>(source.phases.size());
    layer_.chunks = round_up_chunks(source.in_channels);
    layer_.columns = round_up_chunks(source.lanes);
    layer_.lanes = source.lanes;
    layer_.tile_points = make_divisor(tile_points_);
    layer_.row_points = make_divisor(source.width);
    layer_.in_origin = source.in_origin;
    layer_.in_step = source.in_step;
    layer_.out_origin = source.out_origin;
    layer_.out_step = source.out_step;
    layer_.wraps = source.wraps;
    layer_.grouped = source.group == 2;
    layer_.zero_out = source.zero_out;
    layer_.table = -1;
    const std::size_t padded = static_cast<std::size_t>(layer_.columns) * kChunk;
    std::vector<Phase> phases;
    for (const PhaseSource& from : source.phases) {
        const std::vector<int> used = used_positions(from, source.lanes, source.in_channels);
        std::vector<Tap> taps;
        for (const int position : used) {
            const Position& at = from.positions[static_cast<std::size_t>(position)];
            // The kernel reduces wrapped indices by one subtraction, so they must not be negative.
            taps.push_back(source.wraps ? Tap{wrapped(at.dy + source.in_origin, input.height),
                                              wrapped(at.dx + source.in_origin, input.width)}
                                        : Tap{at.dy, at.dx});
        }
        Phase phase{};
        phase.steps = static_cast<std::int32_t>((static_cast<std::size_t>(layer_.chunks) * used.size() + 1) /
                                                kStepChunks);
        phase.out_y = from.out_y;
        phase.out_x = from.out_x;
        const std::vector<std::int8_t> weights =
            pack_weights(from, used, phase.steps, layer_.columns, source);
        // The kernel loads the first weights and the first tap unconditionally.
        const std::vector<std::int8_t> none(padded * kWarpThreads);
        phase.weights = reinterpret_cast<const std::uint8_t*>(image.add(weights.empty() ? none : weights));
        taps.resize(std::max<std::size_t>(taps.size(), 1));
        phase.tap_count = static_cast<std::int32_t>(taps.size());
        phase.taps = image.add(taps);
        std::vector<std::int32_t> bias = from.bias;
        std::vector<float> multiplier = from.multiplier;
        bias.resize(padded);
        multiplier.resize(padded);
        phase.bias = image.add(bias);
        phase.multiplier = image.add(multiplier);
        phases.push_back(phase);
        steps_ += phase.steps;
        multiply_adds_ += static_cast<std::uint64_t>(used.size()) *
                          static_cast<std::uint64_t>(source.in_channels) *
                          static_cast<std::uint64_t>(source.lanes) * static_cast<std::uint64_t>(tile_points_);
    }
    if (source.wraps) {
        layer_.in_origin = 0;  // included in the taps
    }
    layer_.phases = image.add(phases);
}

PackedLayer::Cut PackedLayer::best_cut(int tiles, bool in_shared) const {
    constexpr std::pair<int, int> kShared[] = {{3, 2}, {4, 1}, {2, 3}, {2, 2}, {1, 2}, {1, 1}};
    constexpr std::pair<int, int> kGlobal[] = {{2, 2}, {1, 1}};
    const auto* first = in_shared ? std::begin(kShared) : std::begin(kGlobal);
    const auto* last = in_shared ? std::end(kShared) : std::end(kGlobal);
    const std::int64_t points = std::int64_t{tiles} * tile_points_;
    Cut best{0, 0, 0.0};
    for (const auto* piece = first; piece != last; ++piece) {
        const auto [row_tiles, columns] = compares_ ? std::pair<int, int>{2, 1} : *piece;
        if (layer_.columns % columns != 0) {
            continue;
        }
        const std::int64_t row_groups = (points + row_tiles * kRows - 1) / (row_tiles * kRows);
        const std::int64_t pieces = row_groups * (layer_.columns / columns);
        const std::int64_t tasks = compares_ ? row_groups : pieces * layer_.phase_count;
        const double turns =
            static_cast<double>((tasks + kWarps - 1) / kWarps * kWarps) / static_cast<double>(tasks);
        // Per step, a warp multiplies 2 matrices of 8 columns by each of 16 rows, at two cycles each, loads
        // 512 bytes for each of them, at four cycles, and computes the addresses of its rows.
        const double step = 4.0 * row_tiles * columns + 2.0 * (row_tiles + columns) + 4.0;
        const double epilogue = 60.0 * row_tiles * columns;
        const double cost = turns * (static_cast<double>(pieces) * step * static_cast<double>(steps_) +
                                     static_cast<double>(pieces * layer_.phase_count) * epilogue);
        if (best.row_tiles == 0 || cost < best.cost) {
            best = {row_tiles, columns, cost};
        }
    }
    return best;
}

Layer PackedLayer::cut(int tiles, bool in_shared) const {
    const Cut best = best_cut(tiles, in_shared);
    Layer layer = layer_;
    layer.points = tiles * tile_points_;
    layer.row_tiles = best.row_tiles;
    layer.columns_at_once = best.columns;
    layer.row_groups = (layer.points + best.row_tiles * kRows - 1) / (best.row_tiles * kRows);
    layer.column_groups = layer.columns / best.columns;
    return layer;
}

double PackedLayer::cost(int tiles, bool in_shared) const { return best_cut(tiles, in_shared).cost; }

}  // namespace tilewright::cuda

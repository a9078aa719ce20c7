#include "cpu/layer.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <variant>

#include "ops/sum_bounds.h"

namespace tilewright::cpu {
namespace {

constexpr std::int64_t kRankLimit = 1 << 23;
constexpr int kMostTileVectors = 3;

}  // namespace

Layer::Layer(const Stage& stage, const Layout& input, const Layout& output, const Kernels& kernels,
             int most_tiles)
    : source_(stage, input, output, kernels), input_(input), output_(output), kernels_(&kernels) {
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
    choose_columns();
    pack_weights();
    make_schedules(most_tiles);
    find_dependence();
    make_tap_sets();
    set_epilogue(stage);
    for (PhaseSource& phase : source_.phases) {
        phase.weights = nullptr;  // the op's own arrays need not outlive this
    }
}

// --- Packing ---

void Layer::choose_columns() {
    const int lanes = kernels_->lanes;
    int left = (source_.lanes + lanes - 1) / lanes;
    for (int first = 0; left > 0;) {
        int vectors = std::min(left, kernels_->most_vectors);
        if (kernels_->uses_tiles) {
            vectors = left == kMostTileVectors
                          ? left
                          : std::min(left, 2);  // pairs, for two rows of tiles; see amx.cpp
        } else if (left == 5 || left == 6) {
            vectors = std::min(3, kernels_->most_vectors);  // 3 + 3 keeps the units busier than 4 + 2
        }
        columns_.push_back({first, vectors, 0});
        first += vectors;
        left -= vectors;
    }
    padded_lanes_ = static_cast<std::size_t>(columns_.back().first + columns_.back().vectors) * lanes;
}

void Layer::pack_weights() {
    const int lanes = kernels_->lanes;
    const int words = (source_.in_channels + kernels_->word - 1) / kernels_->word;
    const int tap_words = round_up(words, kernels_->tap_words);
    const std::size_t taps = source_.phases[0].positions.size();
    const std::size_t weight_bytes = 4 / static_cast<std::size_t>(kernels_->word);
    phase_bytes_ = 4 * padded_lanes_ * taps * static_cast<std::size_t>(tap_words);
    weights_ = allocate_aligned(phase_bytes_ * source_.phases.size());
    for (std::size_t p = 0; p < source_.phases.size(); ++p) {
        std::uint8_t* to = weights_.get() + p * phase_bytes_;
        for (Columns& columns : columns_) {
            columns.weights = to - (weights_.get() + p * phase_bytes_);
            for (std::size_t tap = 0; tap < taps; ++tap) {
                for (int lane = 0; lane < columns.vectors * lanes; ++lane) {
                    const int out = columns.first * lanes + lane;
                    const std::int8_t* row =
                        out < source_.lanes ? source_.phases[p].weights(static_cast<int>(tap), out) : nullptr;
                    for (int in = 0; row && in < source_.in_channels; ++in) {
                        const std::size_t word = static_cast<std::size_t>(in / kernels_->word);
                        const std::size_t place =
                            (word * static_cast<std::size_t>(columns.vectors * lanes) +
                             static_cast<std::size_t>(lane)) *
                                4 +
                            static_cast<std::size_t>(in % kernels_->word) * weight_bytes;
                        const std::int16_t wide = row[in];
                        if (weight_bytes == 1) {
                            std::memcpy(to + place, row + in, 1);
                        } else {
                            std::memcpy(to + place, &wide, sizeof(wide));
                        }
                    }
                }
                to += static_cast<std::size_t>(tap_words) *
                      static_cast<std::size_t>(columns.vectors * lanes) * 4;
            }
        }
    }
    convolution_.words = words;
    convolution_.tap_words = tap_words;
    convolution_.input_stride = input_.padded;
}

// --- Points, and which taps serve them ---

Layer::PointClass Layer::class_of(int y, int x) const {
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

bool Layer::reached(const PointClass& point_class, const Position& position) const {
    if (!source_.skips_border) {
        return true;
    }
    const auto row = std::lower_bound(row_offsets_.begin(), row_offsets_.end(), position.dy);
    const auto column = std::lower_bound(column_offsets_.begin(), column_offsets_.end(), position.dx);
    return (point_class.first >> (row - row_offsets_.begin()) & 1) &&
           (point_class.second >> (column - column_offsets_.begin()) & 1);
}

int Layer::number_of(const PointClass& point_class) {
    const auto found = classes_.find(point_class);
    return found != classes_.end()
               ? found->second
               : classes_.emplace(point_class, static_cast<int>(classes_.size())).first->second;
}

/// The elements that a point's first phase writes: one, or for a group one per cell, -1 where there is none.
void Layer::append_outputs(int point, int tile, int tiles, std::vector<std::int32_t>& outputs) const {
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

Layer::OwnedSchedule Layer::make_schedule(int rows, int tiles) {
    OwnedSchedule made;
    const int points = source_.height * source_.width * tiles;
    for (int first = 0; first < points; first += rows) {
        const int valid = std::min(rows, points - first);
        PointClass all{0, 0};
        for (int r = 0; r < rows; ++r) {
            const int number = first + std::min(r, valid - 1);
            const int point = number / tiles;
            const int tile = number % tiles;
            const int y = source_.in_origin + point / source_.width * source_.in_step;
            const int x = source_.in_origin + point % source_.width * source_.in_step;
            const PointClass own = class_of(point / source_.width, point % source_.width);
            reads_border_ = reads_border_ || (r > 0 && own != all);
            all = {all.first | own.first, all.second | own.second};
            const std::int32_t input = input_.cell(y, x) * tiles + tile * input_.padded;
            made.regular = made.regular && (r == 0 || input == made.inputs.back() + input_.padded);
            made.inputs.push_back(input);
            append_outputs(point, tile, tiles, made.outputs);
        }
        made.classes.push_back(number_of(all));
        made.valid.push_back(valid);
    }
    return made;
}

void Layer::make_schedules(int most_tiles) {
    reads_border_ = source_.reach > 0 && !source_.skips_border;
    std::set<int> block_rows;
    for (const Columns& columns : columns_) {
        for (int rows = 4; rows <= most_rows(columns.vectors, kernels_->most_vectors); rows += 4) {
            block_rows.insert(rows);
        }
    }
    if (kernels_->uses_tiles) {
        block_rows.insert(16);
    }
    for (const int tiles : kTileCounts) {
        for (const int rows : block_rows) {
            if (tiles <= most_tiles) {
                schedules_.emplace(std::make_pair(tiles, rows), make_schedule(rows, tiles));
            }
        }
    }
    for (int point = 0; point < source_.height * source_.width; ++point) {
        number_of(class_of(point / source_.width, point % source_.width));
    }
}

void Layer::find_dependence() {
    const PhaseSource& phase = source_.phases[0];
    if (source_.phases.size() > 1 || source_.group > 1) {
        return;
    }
    for (std::size_t tap = 0; tap < phase.positions.size(); ++tap) {
        if (matters(phase, static_cast<int>(tap))) {
            dependence_.emplace_back(phase.positions[tap].dy, phase.positions[tap].dx);
        }
    }
}

/// Whether a position has any weight but 0: those of masked kernels need not be multiplied.
bool Layer::matters(const PhaseSource& phase, int tap) const {
    for (int lane = 0; lane < source_.lanes; ++lane) {
        const std::int8_t* weights = phase.weights(tap, lane);
        if (weights &&
            std::any_of(weights, weights + source_.in_channels, [](std::int8_t w) { return w != 0; })) {
            return true;
        }
    }
    return false;
}

void Layer::make_tap_sets() {
    std::vector<PointClass> classes(classes_.size());
    for (const auto& [point_class, number] : classes_) {
        classes[static_cast<std::size_t>(number)] = point_class;
    }
    std::vector<std::uint64_t> points_in(classes.size(), 0);
    for (int point = 0; point < source_.height * source_.width; ++point) {
        ++points_in[static_cast<std::size_t>(
            number_of(class_of(point / source_.width, point % source_.width)))];
    }
    // Lanes without a channel must never be the greatest.
    const std::int32_t nothing =
        source_.result == Result::kArgmax ? -static_cast<std::int32_t>(kRankLimit) : 0;
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
                        continue;
                    }
                    std::int32_t sum = 0;
                    for (int in = 0; in < source_.in_channels; ++in) {
                        sum += weights[in];
                    }
                    bias[static_cast<std::size_t>(lane)] += source_.zero_in * sum;
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
    convolution_.columns = columns_.data();
    convolution_.column_count = static_cast<int>(columns_.size());
}

// --- What becomes of the sums ---

void Layer::set_epilogue(const Stage& stage) {
    convolution_.result = source_.result;
    convolution_.grouped = source_.group == 2;
    convolution_.zero_out = source_.zero_out;
    convolution_.clamp = source_.clamp;
    if (stage.lookup) {
        table_ = allocate_aligned(256);
        std::copy(stage.lookup->table.begin(), stage.lookup->table.end(), table_.get());
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

std::size_t Layer::most_bytes(const Stage& stage, const Layout& input, const Layout& output,
                              const Kernels& kernels, int most_tiles) {
    const std::size_t cells =
        static_cast<std::size_t>(output.height) * static_cast<std::size_t>(output.width);
    std::size_t kernels_in_use = 16;  // of a transposed convolution: four phases of four taps
    std::size_t points = cells;
    const auto taps_of = [](const ops::Convolution& c) {
        return static_cast<std::size_t>(2 * c.kernel *
                                        c.kernel);  // a group's window is at most 16/9 of a kernel
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
    const int words = round_up((input.channels + kernels.word - 1) / kernels.word, kernels.tap_words);
    const std::size_t lanes = static_cast<std::size_t>(round_up(output.channels, kernels.lanes));
    // A point takes some 10 bytes, or 20 in groups, in each of four schedules; the numbers of tiles sum up to
    // 2 T.
    const std::size_t point_bytes = std::size_t{80} * 2 * static_cast<std::size_t>(most_tiles);
    return kernels_in_use * static_cast<std::size_t>(words) * 4 * lanes + points * point_bytes;
}

bool Layer::argmax_fits(const Stage& stage, const Kernels& kernels) {
    const ops::Convolution& op = std::get<ops::Scores>(stage.step->op).convolution;
    const int most_vectors = kernels.uses_tiles ? kMostTileVectors : kernels.most_vectors;
    if (op.out_channels > kernels.lanes * most_vectors) {
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

std::size_t Layer::scratch_numbers(int tiles) const {
    // Blocks of every size in use, the smallest of four points.
    return static_cast<std::size_t>(kSchedules) *
           static_cast<std::size_t>((source_.height * source_.width * tiles + 3) / 4);
}

/// The numbers of the blocks that hold a wanted cell; returns how many.
int Layer::choose_blocks(const CellList& wanted, int rows, int tiles, std::int32_t* chosen) {
    int count = 0;
    for (int i = 0; i < wanted.count; ++i) {
        const int first = wanted.cells[i] * tiles / rows;
        const int last = (wanted.cells[i] * tiles + tiles - 1) / rows;
        for (int block = count > 0 ? std::max(first, chosen[count - 1] + 1) : first; block <= last; ++block) {
            chosen[count++] = block;
        }
    }
    return count;
}

void Layer::run(const void* input, void* output, const void* other, int tiles, const CellList* wanted,
                std::int32_t* scratch) const {
    Convolution call = convolution_;
    call.input = input;
    call.output = output;
    call.addition.other = other;
    call.tiles = tiles;
    Schedule schedules[kSchedules] = {};
    for (int rows = 4; schedule_number(rows) < kSchedules; rows += 4) {
        const auto found = schedules_.find({tiles, rows});
        if (found == schedules_.end()) {
            continue;
        }
        const OwnedSchedule& own = found->second;
        Schedule& schedule = schedules[schedule_number(rows)];
        schedule = {static_cast<int>(own.classes.size()),
                    nullptr,
                    own.inputs.data(),
                    own.outputs.data(),
                    own.classes.data(),
                    own.valid.data(),
                    own.regular};
        if (wanted) {
            schedule.chosen = scratch;
            schedule.blocks = choose_blocks(*wanted, rows, tiles, scratch);
            scratch += schedule.blocks;
        }
    }
    call.schedules = schedules;
    kernels_->convolve(call);
}

}  // namespace tilewright::cpu

#include "cuda/plan_writer.h"

#include <algorithm>
#include <variant>

#include "sampler/cell_order.h"

namespace tilewright::cuda {
namespace {

constexpr std::size_t kTableBytes = 256;
constexpr std::size_t kBorderAlignment =
    128;  // the alignment of a value, because the kernel treats both as cells

std::size_t round_up(std::size_t value, std::size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// Pads rows of bytes to whole words.
std::vector<std::uint8_t> pad_rows(const std::vector<std::uint8_t>& table, std::size_t width,
                                   std::size_t padded) {
    std::vector<std::uint8_t> rows(table.size() / width * padded);
    for (std::size_t i = 0; i < table.size(); ++i) {
        rows[i / width * padded + i % width] = table[i];
    }
    return rows;
}

}  // namespace

PlanWriter::PlanWriter(const Plan& plan, const std::vector<tilewright::Stage>& stages,
                       const std::vector<CellGroup>& groups, bool keep_all, std::uint8_t* base)
    : plan_(plan), stages_(stages), keep_all_(keep_all), image_(base) {
    add_layers();
    add_constants();
    latent_table_ = image_.add(plan.latent_table.data(), plan.latent_table.size());
    if (plan.sampler) {
        groups_ = add_groups(groups);
        noise_ = image_.add(plan.sampler->options.noise);
        if (plan.sampler->method == Sampler::Method::kMasked) {
            const MapShape picture = map_shape(plan, plan.sampler->cells);
            halton_ = image_.add(halton_ranks(picture.height, picture.width));
        }
    }
}

std::size_t PlanWriter::arena_bytes(int tiles) const {
    return PlanLayout(plan_, stages_, tiles, constant_bytes_.size(), keep_all_).arena_bytes();
}

double PlanWriter::cost(int tiles, bool in_shared) const {
    double cost = 0;
    for (const auto& layer : layers_) {
        cost += layer ? layer->cost(tiles, in_shared) : 0;
    }
    return cost;
}

std::size_t PlanWriter::result_bytes() const {
    std::size_t bytes = 0;
    for (const ValueId id : results()) {
        bytes += plan_.values[id].bytes();
    }
    return bytes;
}

BlockPlan PlanWriter::write(int tiles, bool in_shared, int evaluations) {
    const PlanLayout layout(plan_, stages_, tiles, constant_bytes_.size(), keep_all_);
    std::vector<Stage> stages;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        write_stage(i, layout, tiles, in_shared, stages);
    }
    std::vector<Input> inputs;
    std::int32_t first = 0;
    for (const tilewright::Input& input : plan_.inputs) {
        inputs.push_back({input.source, layout.place(input.value), first});
        if (input.source == Source::kLatents) {
            first += static_cast<std::int32_t>(plan_.values[input.value].elements());
        }
    }
    std::vector<Result> written;
    std::int64_t prefix = 0;
    for (const ValueId id : results()) {
        const std::int32_t bytes = static_cast<std::int32_t>(plan_.values[id].bytes());
        written.push_back({layout.place(id), plan_.values[id].is_int32() ? 4 : 1, bytes, prefix});
        prefix += bytes;
    }
    BlockPlan plan{};
    plan.stages = image_.add(stages);
    plan.inputs = image_.add(inputs);
    plan.results = image_.add(written);
    plan.constants = constants_;
    plan.latent_table = latent_table_;
    plan.stage_count = static_cast<std::int32_t>(stages.size());
    plan.input_count = static_cast<std::int32_t>(inputs.size());
    plan.result_count = static_cast<std::int32_t>(written.size());
    plan.constant_bytes = static_cast<std::int32_t>(constant_bytes_.size());
    plan.arena_bytes = static_cast<std::uint32_t>(layout.arena_bytes());
    plan.tiles = tiles;
    plan.kinds = plan_.kinds;
    plan.latent_size = static_cast<std::int32_t>(plan_.latent_size());
    plan.sampling.steps = evaluations;
    if (plan_.sampler) {
        Sampling& sampling = plan.sampling;
        sampling.colours = plan_.sampler->colours;
        sampling.cells = layout.place(plan_.sampler->cells);
        sampling.halton = halton_;
        sampling.noise = noise_;
        sampling.words = layout.words();
        sampling.turns = layout.turns();
        sampling.groups = groups_;
        sampling.masked = !keep_all_ && plan_.sampler->method == Sampler::Method::kMasked;
    }
    return plan;
}

std::vector<ValueId> PlanWriter::results() const {
    std::vector<ValueId> ids;
    if (keep_all_) {
        for (const Step& step : plan_.steps) {
            ids.push_back(step.output);
        }
    } else {
        for (const Output& output : plan_.outputs) {
            ids.push_back(output.value);
        }
    }
    return ids;
}

const std::int32_t* PlanWriter::add_groups(const std::vector<CellGroup>& groups) {
    std::vector<std::int32_t> numbers(plan_.values[plan_.sampler->cells].elements());
    for (std::size_t group = 0; group < groups.size(); ++group) {
        for (const std::int32_t cell : groups[group]) {
            numbers[static_cast<std::size_t>(cell)] = static_cast<std::int32_t>(group);
        }
    }
    return image_.add(numbers);
}

void PlanWriter::add_layers() {
    for (const tilewright::Stage& stage : stages_) {
        std::optional<PackedLayer>& layer = layers_.emplace_back();
        tables_.push_back(nullptr);
        if (is_layer(*stage.step)) {
            layer.emplace(stage, map_shape(plan_, stage.step->inputs[0]), map_shape(plan_, stage.output),
                          image_);
        } else if (const auto* embed = std::get_if<ops::Embed>(&stage.step->op)) {
            tables_.back() = add_rows(embed->table, embed->width);
        } else if (const auto* cells = std::get_if<ops::EmbedCells>(&stage.step->op)) {
            tables_.back() = add_rows(cells->table, cells->channels);
        } else if (const auto* lookup = std::get_if<ops::Lookup>(&stage.step->op)) {
            tables_.back() = image_.add(lookup->table.data(), lookup->table.size());
        }
    }
}

const std::uint8_t* PlanWriter::add_rows(const std::vector<std::uint8_t>& table, int width) {
    const std::size_t bytes = static_cast<std::size_t>(width);
    return image_.add(pad_rows(table, bytes, round_up(bytes, 4)));
}

void PlanWriter::add_constants() {
    std::map<std::uint8_t, int> border_chunks;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        fused_tables_.push_back(-1);
        if (!layers_[i]) {
            continue;
        }
        int& chunks = border_chunks[layers_[i]->zero_in()];
        chunks = std::max(chunks, layers_[i]->border_chunks());
    }
    for (const auto& [zero, chunks] : border_chunks) {
        borders_[zero] = static_cast<std::uint32_t>(constant_bytes_.size());
        const std::size_t bytes = round_up(static_cast<std::size_t>(chunks) * kChunk, kBorderAlignment);
        constant_bytes_.insert(constant_bytes_.end(), bytes, zero);
    }
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        if (stages_[i].lookup) {
            fused_tables_[i] = static_cast<std::int32_t>(constant_bytes_.size());
            const std::size_t zero = layers_[i]->cut(1, true).zero_out;
            for (std::size_t byte = 0; byte < kTableBytes; ++byte) {
                // The index is a rounded value before the addition of the zero point.
                constant_bytes_.push_back(stages_[i].lookup->table[(byte + zero) % kTableBytes]);
            }
        }
    }
    constants_ = image_.add(constant_bytes_);
}

void PlanWriter::write_stage(std::size_t i, const PlanLayout& layout, int tiles, bool in_shared,
                             std::vector<Stage>& stages) const {
    const tilewright::Stage& from = stages_[i];
    const Step& step = *from.step;
    Stage stage{};
    stage.out = layout.place(from.output);
    if (!step.inputs.empty()) {
        stage.in = layout.place(step.inputs[0]);
    }
    if (layers_[i]) {
        stage.kind = Kind::kLayer;
        stage.layer = layers_[i]->cut(tiles, in_shared);
        stage.layer.border = borders_.at(layers_[i]->zero_in());
        stage.layer.table = fused_tables_[i];
        if (from.add) {
            stage.other = layout.place(from.added);
            stage.layer.adds = 1;
            stage.layer.add_offset = from.add->zero_out - from.add->zero_a - from.add->zero_b;
        }
        if (std::holds_alternative<ops::Scores>(step.op)) {
            const bool draws = plan_.sampler && !keep_all_ && from.output == plan_.sampler->scores;
            stage.kind = draws ? Kind::kDraw : from.argmax ? Kind::kScoresArgmax : Kind::kScores;
            stage.out = draws ? layout.place(plan_.sampler->cells) : stage.out;
        }
        stages.push_back(stage);
        return;
    }
    stage.pointwise.table = tables_[i];
    ops::visit_pointwise(step.op, [&](const auto& op) { write_op(op, step, layout, stage, stages); });
}

void PlanWriter::write_op(const ops::Embed& op, const Step&, const PlanLayout&, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kEmbed;
    stage.pointwise.by_kind = 1;
    stage.pointwise.row_bytes = static_cast<std::int32_t>(round_up(static_cast<std::size_t>(op.width), 4));
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::EmbedCells& op, const Step& step, const PlanLayout& layout, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kEmbedCells;
    stage.other = layout.place(step.inputs.back());
    stage.pointwise.by_kind = step.inputs.size() == 2;
    stage.pointwise.row_bytes = static_cast<std::int32_t>(round_up(static_cast<std::size_t>(op.channels), 4));
    stage.pointwise.entries = op.entries;
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::Concat&, const Step& step, const PlanLayout& layout, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kConcat;
    for (const ValueId part : step.inputs) {
        stage.in = layout.place(part);
        stages.push_back(stage);
        stage.pointwise.first += static_cast<std::int32_t>(plan_.values[part].elements());
    }
}

void PlanWriter::write_op(const ops::Slice& op, const Step&, const PlanLayout&, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kSlice;
    stage.pointwise.first = op.first;
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::Lookup&, const Step&, const PlanLayout&, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kLookup;
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::Add& op, const Step& step, const PlanLayout& layout, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kAdd;
    stage.other = layout.place(step.inputs[1]);
    stage.pointwise.addition = {op.scale_a, op.scale_b, op.zero_a, op.zero_b, op.zero_out};
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::Argmax&, const Step& step, const PlanLayout&, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kArgmax;
    stage.pointwise.int32 = plan_.values[step.inputs[0]].is_int32();
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::Nearest&, const Step& step, const PlanLayout& layout, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kNearest;
    stage.other = layout.place(step.inputs[1]);
    stage.pointwise.entries = static_cast<std::int32_t>(plan_.values[step.inputs[1]].shape[0]);
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::MaxPool&, const Step&, const PlanLayout&, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kMaxPool;
    stages.push_back(stage);
}

void PlanWriter::write_op(const ops::Mean& op, const Step&, const PlanLayout&, Stage& stage,
                          std::vector<Stage>& stages) const {
    stage.kind = Kind::kMean;
    stage.pointwise.scaling = {op.multiplier, op.zero_in, op.zero_out};
    stages.push_back(stage);
}

}  // namespace tilewright::cuda

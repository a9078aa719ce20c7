// check_plan refuses every plan whose shapes, kinds of values or sizes of arrays contradict an op, however it
// was built: whatever PlanBuilder derives or checks is changed here behind its back.
#include "core/check_plan.h"

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

#include "check.h"

using namespace tilewright;

namespace {

std::string reason(const Plan& plan) {
    try {
        check_plan(plan);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

ValueId add_value(Plan& plan, std::vector<std::int64_t> shape, Holds holds = Holds::kFeatures) {
    plan.values.push_back({std::move(shape), holds});
    return plan.values.size() - 1;
}

void add_step(Plan& plan, ops::Op op, std::vector<ValueId> inputs, std::vector<std::int64_t> shape,
              Holds holds = Holds::kFeatures) {
    const ValueId output = add_value(plan, std::move(shape), holds);
    plan.steps.push_back({std::move(op), std::move(inputs), output});
}

ops::Convolution convolution(int in_channels, int out_channels, int kernel) {
    ops::Convolution op{};
    op.in_channels = in_channels;
    op.out_channels = out_channels;
    op.kernel = {kernel, kernel};
    op.dilations = {1, 1};
    op.weights.resize(static_cast<std::size_t>(out_channels * kernel * kernel * in_channels));
    op.bias.resize(static_cast<std::size_t>(out_channels));
    return op;
}

ops::Dense dense(int inputs, int outputs, std::vector<std::int64_t> shape) {
    ops::Dense op{};
    op.inputs = inputs;
    op.outputs = outputs;
    op.shape = std::move(shape);
    op.weights.resize(static_cast<std::size_t>(inputs * outputs));
    op.bias.resize(static_cast<std::size_t>(outputs));
    op.multiplier.resize(static_cast<std::size_t>(outputs));
    return op;
}

/// Every op once, in the order of the values: a step makes the value of its number plus 2.
Plan whole_plan() {
    Plan plan;
    plan.kinds = 2;
    plan.inputs = {{Source::kLatents, add_value(plan, {8})},
                   {Source::kKind, add_value(plan, {}, Holds::kKind)}};
    add_step(plan, ops::Embed{2, 3, std::vector<std::uint8_t>(6)}, {1}, {3});
    add_step(plan, ops::Concat{}, {0, 2}, {11});
    add_step(plan, ops::Slice{3, {2, 2, 2}}, {3}, {2, 2, 2});
    add_step(plan, dense(11, 16, {2, 2, 4}), {3}, {2, 2, 4});
    add_step(plan, dense(11, 12, {3, 4}), {3}, {3, 4});
    ops::Conv2d conv{convolution(4, 4, 3), std::vector<float>(4), 0};
    add_step(plan, conv, {5}, {2, 2, 4});
    add_step(plan, ops::Lookup{}, {7}, {2, 2, 4});
    add_step(plan, ops::Add{1, 1, 0, 0, 0}, {5, 8}, {2, 2, 4});
    ops::ConvTranspose2d transposed{};
    transposed.in_channels = transposed.out_channels = 4;
    transposed.weights.resize(4 * 16 * 4);
    transposed.bias.resize(16);
    transposed.multiplier.resize(4);
    add_step(plan, transposed, {9}, {4, 4, 4});
    add_step(plan, ops::Nearest{}, {10, 6}, {4, 4}, Holds::kIndices);
    add_step(plan, ops::Scores{convolution(4, 5, 1)}, {10}, {4, 4, 5}, Holds::kSums);
    add_step(plan, ops::Argmax{}, {12}, {4, 4}, Holds::kIndices);
    ops::EmbedCells cells{2, 256, 3, std::vector<std::uint8_t>(2 * 256 * 3)};
    add_step(plan, cells, {1, 13}, {4, 4, 3});
    add_step(plan, ops::MaxPool{}, {14}, {2, 2, 3});
    add_step(plan, ops::Mean{0.5f, 3, 4}, {15}, {3});
    plan.outputs = {{"indices", 11}, {"kind", 1}, {"map", 14}};
    return plan;
}

/// The number of the step that the text names, or -1.
int named_step(const std::string& text) {
    const std::string prefix = "Executor(): step ";
    return text.compare(0, prefix.size(), prefix) == 0 ? std::stoi(text.substr(prefix.size())) : -1;
}

/// Another shape or another kind of elements than a step makes is refused at that step.
void check_declarations() {
    const Plan good = whole_plan();
    for (std::size_t step = 0; step < good.steps.size(); ++step) {
        const ValueId output = good.steps[step].output;
        const std::vector<std::int64_t> shape = good.values[output].shape;
        std::vector<std::vector<std::int64_t>> others = {{}, {1}, {0}, {-1}, {1, 1, 1, 1}};
        others.push_back(shape);
        others.back().push_back(1);  // as many elements
        others.push_back({1});
        others.back().insert(others.back().end(), shape.begin(), shape.end());
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            others.push_back(shape);
            --others.back()[axis];
            others.push_back(shape);
            ++others.back()[axis];
        }
        for (const std::vector<std::int64_t>& other : others) {
            Plan plan = good;
            plan.values[output].shape = other;
            CHECK(named_step(reason(plan)) == static_cast<int>(step));
        }
        for (const Holds holds : {Holds::kFeatures, Holds::kIndices, Holds::kSums, Holds::kKind}) {
            Plan plan = good;
            plan.values[output].holds = holds;
            CHECK((named_step(reason(plan)) == static_cast<int>(step)) !=
                  (holds == good.values[output].holds));
        }
    }
}

/// Inputs that a step cannot read are refused at that step, or are what it could read as well.
void check_inputs() {
    const Plan good = whole_plan();
    for (std::size_t step = 0; step < good.steps.size(); ++step) {
        for (std::size_t i = 0; i < good.steps[step].inputs.size(); ++i) {
            for (ValueId id = 0; id < good.values.size() + 2; ++id) {
                Plan plan = good;
                const ValueId before = plan.steps[step].inputs[i];
                plan.steps[step].inputs[i] = id;
                const bool written = id < good.steps[step].output;
                const bool same = written && good.values[id].shape == good.values[before].shape &&
                                  good.values[id].holds == good.values[before].holds;
                const auto reads_also = [&](bool op, const std::vector<std::int64_t>& shape) {
                    return op && written && good.values[id].shape == shape;
                };
                const ops::Op& op = good.steps[step].op;
                const bool either = reads_also(std::holds_alternative<ops::Argmax>(op), {4, 4, 4}) ||
                                    reads_also(std::holds_alternative<ops::Mean>(op), {4, 4, 3});
                CHECK(same || either ? reason(plan).empty()
                                     : named_step(reason(plan)) == static_cast<int>(step));
            }
        }
        for (const int change : {-1, 1}) {
            Plan plan = good;
            std::vector<ValueId>& inputs = plan.steps[step].inputs;
            inputs.resize(static_cast<std::size_t>(static_cast<int>(inputs.size()) + change), 0);
            CHECK(named_step(reason(plan)) == static_cast<int>(step));
        }
    }
}

/// Arrays of other sizes than the op says.
void check_arrays() {
    const auto refuses = [](std::size_t step, const std::function<void(ops::Op&)>& change) {
        Plan plan = whole_plan();
        change(plan.steps[step].op);
        CHECK(named_step(reason(plan)) == static_cast<int>(step));
    };
    refuses(0, [](ops::Op& op) { std::get<ops::Embed>(op).table.pop_back(); });
    refuses(0, [](ops::Op& op) { std::get<ops::Embed>(op).kinds = 1; });
    refuses(2, [](ops::Op& op) { std::get<ops::Slice>(op).first = 4; });
    refuses(2, [](ops::Op& op) { std::get<ops::Slice>(op).first = -1; });
    refuses(3, [](ops::Op& op) { std::get<ops::Dense>(op).weights.pop_back(); });
    refuses(3, [](ops::Op& op) { std::get<ops::Dense>(op).bias.pop_back(); });
    refuses(3, [](ops::Op& op) { std::get<ops::Dense>(op).multiplier.pop_back(); });
    refuses(5, [](ops::Op& op) { std::get<ops::Conv2d>(op).convolution.weights.pop_back(); });
    refuses(5, [](ops::Op& op) { std::get<ops::Conv2d>(op).convolution.bias.push_back(0); });
    refuses(5, [](ops::Op& op) { std::get<ops::Conv2d>(op).convolution.kernel.y = 1; });
    refuses(5, [](ops::Op& op) { std::get<ops::Conv2d>(op).convolution.dilations.x = 0; });
    refuses(5, [](ops::Op& op) { std::get<ops::Conv2d>(op).multiplier.clear(); });
    refuses(8, [](ops::Op& op) { std::get<ops::ConvTranspose2d>(op).weights.push_back(0); });
    refuses(8, [](ops::Op& op) { std::get<ops::ConvTranspose2d>(op).bias.resize(4); });
    refuses(8, [](ops::Op& op) { std::get<ops::ConvTranspose2d>(op).multiplier.resize(3); });
    refuses(10, [](ops::Op& op) { std::get<ops::Scores>(op).convolution.bias.resize(4); });
    refuses(12, [](ops::Op& op) { std::get<ops::EmbedCells>(op).table.pop_back(); });
    refuses(12, [](ops::Op& op) { std::get<ops::EmbedCells>(op).entries = 255; });
    refuses(14,
            [](ops::Op& op) { std::get<ops::Mean>(op).multiplier = std::numeric_limits<float>::infinity(); });
}

}  // namespace

int main() {
    CHECK(reason(whole_plan()).empty());
    check_declarations();
    check_inputs();
    check_arrays();
}

#include "core/stages.h"

#include <cstddef>

namespace tilewright {
namespace {

/// Returns the number of steps and results that read each value.
std::vector<int> count_readers(const Plan& plan) {
    std::vector<int> readers(plan.values.size(), 0);
    for (const Step& step : plan.steps) {
        for (const ValueId id : step.inputs) {
            ++readers[id];
        }
    }
    for (const Output& output : plan.outputs) {
        ++readers[output.value];
    }
    if (plan.sampler) {
        ++readers[plan.sampler->scores];
    }
    return readers;
}

bool makes_bytes(const ops::Op& op) {
    return std::holds_alternative<ops::Dense>(op) || std::holds_alternative<ops::Conv2d>(op) ||
           std::holds_alternative<ops::ConvTranspose2d>(op);
}

}  // namespace

std::string describe(const Stage& stage) {
    return std::string(ops::name_of(stage.step->op)) + (stage.lookup ? " + lookup" : "") +
           (stage.add ? " + add" : "") + (stage.argmax ? " + argmax" : "");
}

std::vector<Stage> fuse(const Plan& plan) {
    const std::vector<int> readers = count_readers(plan);
    std::vector<Stage> stages;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        Stage stage;
        stage.step = &plan.steps[i];
        stage.output = stage.step->output;
        // The next step, if it is the only reader of the stage's current output.
        const auto next = [&]() -> const Step* {
            return i + 1 < plan.steps.size() && readers[stage.output] == 1 ? &plan.steps[i + 1] : nullptr;
        };
        const auto take = [&](const Step& step) {
            stage.output = step.output;
            ++i;
        };
        if (makes_bytes(stage.step->op)) {
            const Step* step = next();
            if (step && std::holds_alternative<ops::Lookup>(step->op) && step->inputs[0] == stage.output) {
                stage.lookup = &std::get<ops::Lookup>(step->op);
                take(*step);
                step = next();
            }
            const ops::Add* add = step ? std::get_if<ops::Add>(&step->op) : nullptr;
            if (add && (step->inputs[0] == stage.output) != (step->inputs[1] == stage.output) &&
                plan.values[step->inputs[0]].shape == plan.values[step->inputs[1]].shape) {
                stage.add = add;
                stage.added_first = step->inputs[1] == stage.output;
                stage.added = step->inputs[stage.added_first ? 0 : 1];
                take(*step);
            }
        } else if (std::holds_alternative<ops::Scores>(stage.step->op)) {
            const Step* step = next();
            if (step && std::holds_alternative<ops::Argmax>(step->op) && step->inputs[0] == stage.output) {
                stage.argmax = true;
                take(*step);
            }
        }
        stages.push_back(stage);
    }
    return stages;
}

std::vector<Stage> unfused(const Plan& plan) {
    std::vector<Stage> stages;
    for (const Step& step : plan.steps) {
        Stage stage;
        stage.step = &step;
        stage.output = step.output;
        stages.push_back(stage);
    }
    return stages;
}

}  // namespace tilewright

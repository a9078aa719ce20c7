#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>

#include "bindings/arrays.h"
#include "core/sampling_options.h"

namespace tilewright {

/// The order, the rounds of refinement, the share of cells that begin as random entries, and the noise.
using SamplingArguments = std::tuple<std::string, std::int32_t, std::int32_t, pybind11::array>;

/// Copies the options of a sampler. function: "Executor.run()".
inline SamplingOptions to_options(const SamplingArguments& given, const std::string& function) {
    using Order = SamplingOptions::Order;
    const std::string& name = std::get<0>(given);
    SamplingOptions options;
    if (name == "halton") {
        options.order = Order::kHalton;
    } else if (name == "raster") {
        options.order = Order::kRaster;
    } else if (name != "random") {
        throw std::invalid_argument(function + ": order must be 'random', 'halton' or 'raster', not '" +
                                    name + "'");
    }
    options.refine = std::get<1>(given);
    options.begin = std::get<2>(given);
    options.noise = copy_array<std::int32_t>(std::get<3>(given), 1, function + ": noise");
    return options;
}

}  // namespace tilewright

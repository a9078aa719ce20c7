#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/seeds.h"

namespace tilewright {

/// Describes an array in an error: "int8 (3, 4)".
std::string describe(const pybind11::array& array);

/// Throws std::invalid_argument unless `array` is C-contiguous with element type T and the given shape, where
/// -1 means any length. `argument` is for example "PlanBuilder.dense(): weights".
template <typename T>
void check_array(const pybind11::array& array, const std::vector<pybind11::ssize_t>& shape,
                 const std::string& argument) {
    bool fits = pybind11::isinstance<pybind11::array_t<T, pybind11::array::c_style>>(array) &&
                array.ndim() == static_cast<pybind11::ssize_t>(shape.size());
    std::string wanted;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        fits =
            fits && (shape[axis] == -1 || array.shape(static_cast<pybind11::ssize_t>(axis)) == shape[axis]);
        wanted += (axis ? ", " : "") + (shape[axis] == -1 ? "any" : std::to_string(shape[axis]));
    }
    if (!fits) {
        const std::string type = pybind11::str(pybind11::dtype::of<T>());
        throw std::invalid_argument(argument + " must be a C-contiguous array of " + type + " (" + wanted +
                                    "), not " + describe(array));
    }
}

/// Copies a checked array.
template <typename T>
std::vector<T> copy_shaped(const pybind11::array& array, const std::vector<pybind11::ssize_t>& shape,
                           const std::string& argument) {
    check_array<T>(array, shape, argument);
    const T* data = static_cast<const T*>(array.data());
    return std::vector<T>(data, data + array.size());
}

/// Copies an array with `axes` axes of any length.
template <typename T>
std::vector<T> copy_array(const pybind11::array& array, std::size_t axes, const std::string& argument) {
    return copy_shaped<T>(array, std::vector<pybind11::ssize_t>(axes, -1), argument);
}

/// Copies the 256 quantiles that map random bytes to latents.
LatentTable copy_latent_table(const pybind11::array& array, const std::string& argument);

}  // namespace tilewright

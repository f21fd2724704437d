"""Principal components against scikit-learn and singular values."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from glm_deep.basis.pca import principal_components


def data(frames: int, columns: int, rank: int, seed: int = 0) -> np.ndarray:
    """Frames of falling variance about a mean that is not zero."""
    random = np.random.default_rng(seed)
    strengths = 0.8 ** np.arange(rank)
    return 3.0 + (random.normal(size=(frames, rank)) * strengths) @ random.normal(size=(rank, columns))


def test_the_components_span_what_those_of_scikit_learn_span() -> None:
    values, rows = data(50, 60, 40), np.arange(0, 50, 2)
    found = principal_components(values, rows, 6, 0)
    reference = PCA(6, svd_solver="full").fit(values[rows])
    np.testing.assert_allclose(found.mean, reference.mean_, atol=1e-12)
    np.testing.assert_allclose(np.abs(reference.components_ @ found.vectors), np.eye(6), atol=1e-8)
    np.testing.assert_allclose(
        np.mean(found.coefficients[rows] ** 2, axis=0), reference.explained_variance_ * 24 / 25, rtol=1e-9
    )
    np.testing.assert_allclose(np.abs(found.coefficients), np.abs(reference.transform(values)), atol=1e-9)


def test_the_basis_is_orthonormal_and_strongest_first() -> None:
    found = principal_components(data(50, 60, 40), np.arange(50), None, 0)
    assert found.vectors.shape == (60, 40)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(40), atol=1e-8)
    assert (np.diff(np.mean(found.coefficients**2, axis=0)) <= 0).all()


def test_what_is_left_is_the_squared_distance_of_each_frame_from_the_basis() -> None:
    values, rows = data(50, 60, 40), np.arange(30)
    found = principal_components(values, rows, 5, 0)
    rebuilt = found.mean + found.coefficients @ found.vectors.T
    np.testing.assert_allclose(found.left, np.sum((values - rebuilt) ** 2, axis=1), rtol=1e-9)


def test_all_components_leave_nothing() -> None:
    values = data(30, 60, 12)
    found = principal_components(values, np.arange(30), None, 0)
    assert found.vectors.shape[1] == 12  # the rank of the data
    np.testing.assert_allclose(found.mean + found.coefficients @ found.vectors.T, values, atol=1e-9)
    np.testing.assert_allclose(found.left, 0.0, atol=1e-10)


def test_truncating_equals_asking_for_fewer() -> None:
    values, rows = data(50, 60, 40), np.arange(40)
    fewer, cut = (
        principal_components(values, rows, 3, 0),
        principal_components(values, rows, 9, 0).truncated(3),
    )
    np.testing.assert_allclose(np.abs(cut.coefficients), np.abs(fewer.coefficients), atol=1e-9)
    np.testing.assert_allclose(np.abs(np.sum(cut.vectors * fewer.vectors, axis=0)), 1.0, atol=1e-9)
    np.testing.assert_allclose(cut.left, fewer.left, rtol=1e-9)


def test_components_of_many_frames_are_close_to_exact_and_follow_the_seed() -> None:
    values, rows = data(1101, 24, 20), np.arange(1050)
    found = principal_components(values, rows, 6, 7)
    reference = PCA(6, svd_solver="full").fit(values[rows])
    assert found.vectors.shape == (24, 6)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(6), atol=1e-8)
    np.testing.assert_allclose(np.abs(reference.components_ @ found.vectors), np.eye(6), atol=1e-2)
    exact = np.sum((values - reference.inverse_transform(reference.transform(values))) ** 2)
    assert found.left.sum() == pytest.approx(exact, rel=1e-4)
    np.testing.assert_array_equal(found.vectors, principal_components(values, rows, 6, 7).vectors)


def test_frames_that_are_all_alike_have_no_components() -> None:
    found = principal_components(np.full((12, 9), 2.0), np.arange(12), 4, 0)
    assert found.vectors.shape == (9, 0)
    np.testing.assert_allclose(found.left, 0.0)


def test_many_frames_that_are_all_alike_have_no_components_either() -> None:
    found = principal_components(np.full((1100, 6), 2.0), np.arange(1100), 4, 0)
    assert found.vectors.shape == (6, 0)


def test_a_wide_mesh_has_the_components_of_all_its_columns() -> None:
    """They are worked out in parts, the last of which is not a whole one."""
    values, rows = data(9, 10_001, 8), np.arange(7)
    found = principal_components(values, rows, 4, 0)
    reference = PCA(4, svd_solver="full").fit(values[rows])
    np.testing.assert_allclose(np.abs(reference.components_ @ found.vectors), np.eye(4), atol=1e-8)
    np.testing.assert_allclose(np.abs(found.coefficients), np.abs(reference.transform(values)), atol=1e-7)
    rebuilt = reference.inverse_transform(reference.transform(values))
    np.testing.assert_allclose(found.left, np.sum((values - rebuilt) ** 2, axis=1), rtol=1e-8, atol=1e-7)


@pytest.mark.parametrize("frames", [40, 1100])
def test_single_precision_data_give_nearly_the_components_of_double_precision(frames: int) -> None:
    values = data(frames, 60, 20)
    single, double = (principal_components(each, np.arange(frames), 5, 0) for each in (values.astype("f4"), values))
    assert single.vectors.dtype == single.coefficients.dtype == np.float64
    np.testing.assert_allclose(np.abs(np.sum(single.vectors * double.vectors, axis=0)), 1.0, atol=1e-4)
    np.testing.assert_allclose(single.vectors.T @ single.vectors, np.eye(5), atol=1e-5)
    np.testing.assert_allclose(single.left, double.left, rtol=1e-3)


def test_the_data_are_left_as_they_were() -> None:
    values = data(20, 30, 10)
    kept = values.copy()
    principal_components(values, np.arange(10), 3, 0)
    np.testing.assert_array_equal(values, kept)

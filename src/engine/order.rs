//! One small sort for the whole engine.
//!
//! The standard library's sorts are tuned for speed with large, specialised code: for each element type some 3 to
//! 16 kB of wasm, a fifth of the module (measured), for lists that are short or sorted already. A heap sort is 40
//! lines, needs no memory and is never quadratic.

/// Sorts `items` so that no later one is `less` than an earlier one. Equal items may change places.
pub(super) fn sort<T: Copy>(items: &mut [T], less: impl Fn(T, T) -> bool) {
    for root in (0..items.len() / 2).rev() {
        sink(items, root, &less);
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sink(&mut items[..end], 0, &less);
    }
}

/// Lets the item at `root` sink until neither of its children is greater.
fn sink<T: Copy>(items: &mut [T], mut root: usize, less: &impl Fn(T, T) -> bool) {
    loop {
        let mut child = 2 * root + 1;
        if child >= items.len() {
            return;
        }
        if child + 1 < items.len() && less(items[child], items[child + 1]) {
            child += 1;
        }
        if !less(items[root], items[child]) {
            return;
        }
        items.swap(root, child);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use super::sort;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut seed = 1_u32;
        for length in 0..200 {
            let mut items: Vec<u32> = std::iter::repeat_with(|| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Few values, so that many are equal.
                seed >> 26
            })
            .take(length)
            .collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            sort(&mut items, |a, b| a < b);
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn a_sorted_list_is_left_alone() {
        let mut items = [1, 2, 2, 3];
        sort(&mut items, |a, b| a < b);
        assert_eq!(items, [1, 2, 2, 3]);
    }
}

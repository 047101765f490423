//! What `Cache-Control` says is left.

/// The seconds of `max-age`; 0 for `no-store`, and for `no-cache` alone; `None` if the header says none of them.
///
/// `no-cache` beside a `max-age`, as our server has it, is for caches that hear of no invalidation: the browser's own.
/// `Age` is not subtracted: our server puts what is *left* into `max-age`.
pub(super) fn max_age(cache_control: &str) -> Option<u32> {
    let mut seconds = None;
    for directive in cache_control.split(',') {
        let directive = directive.trim();
        if directive.eq_ignore_ascii_case("no-store") {
            return Some(0);
        }
        if directive.eq_ignore_ascii_case("no-cache") {
            seconds = seconds.or(Some(0));
        }
        if let Some((name, value)) = directive.split_once('=')
            && name.trim().eq_ignore_ascii_case("max-age")
        {
            seconds = digits(value.trim().trim_matches('"'));
        }
    }
    seconds
}

/// By hand: `str::parse` costs half a kilobyte of download. More seconds than fit are as many as fit.
fn digits(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u32, |seconds, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| seconds.saturating_mul(10).saturating_add(digit.into()))
    })
}

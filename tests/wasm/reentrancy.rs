//! `on_wake` runs with no wasm frame of the cache's below it, so it may do anything, even to the timer that calls it.

use js_sys::{Date, Function, Object, Promise, Reflect};
use samekey::client::Core;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{HERE, waker};

/// A cache of which one query is collected after 20 ms, and whose `on_wake` is `body`: JavaScript that calls `core`,
/// and in the end `done`. An exception in it fails the test.
async fn woken(body: &str) -> JsValue {
    let holder = Object::new();
    let done = Promise::new(&mut |resolve, reject| {
        let parameters = "holder, done, fail";
        let text = format!(
            "return () => {{ try {{ const core = holder.core; {body} }} catch (error) {{ fail(error) }} }}"
        );
        let make = Function::new_with_args(parameters, &text);
        let on_wake = make.call3(&JsValue::NULL, &holder, &resolve, &reject).expect("a function");
        let mut core = Core::new(waker(&on_wake.unchecked_into()));
        assert!(core.add("[\"a\"]", "", 0, 0.0, 0.0, 20.0, false, 0.0, Date::now(), HERE) >= 0);
        Reflect::set(&holder, &"core".into(), &core.into()).expect("an object");
    });
    JsFuture::from(done).await.expect("no exception")
}

#[wasm_bindgen_test]
async fn a_waking_that_uses_the_cache_is_followed_by_the_next() {
    let wakings = woken(
        "holder.wakings = (holder.wakings ?? 0) + 1;
         const mark = core.beginWake();
         while (core.wake(mark, Date.now(), 3)) core.act(26, 0, 0, Date.now(), 3);
         if (holder.wakings === 2) return done(holder.wakings);
         const query = core.add('[\"b\"]', '', 0, 0, 0, 20, false, 0, Date.now(), 3);
         if (query < 0) throw new Error(`not added: ${query}`);
         core.setData(query, false, Date.now(), Date.now(), 3)",
    );
    assert_eq!(wakings.await.as_f64(), Some(2.0));
}

#[wasm_bindgen_test]
async fn a_waking_may_free_the_cache_that_woke_it() {
    let after =
        woken("core.free(); try { core.beginWake(); done('alive') } catch { done('freed') }");
    assert_eq!(after.await.as_string().as_deref(), Some("freed"));
}

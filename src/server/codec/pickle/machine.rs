//! The stack machine: the instructions of protocols 0 to 5 that build plain data, and no other.

use super::heap::{Heap, Value};
use super::input::{Input, integer_of_long, unescape};

/// Runs `pickle`; what it built, and the value at its end.
pub(super) fn run(pickle: &[u8]) -> Result<(Heap, Value), String> {
    let mut machine = Machine::default();
    let mut input = Input::new(pickle);
    loop {
        let code = input.byte()?;
        if code == b'.' {
            let value = machine.pop()?;
            return if input.is_empty() && machine.stack.is_empty() && machine.marks.is_empty() {
                Ok((machine.heap, value))
            } else {
                Err("it does not end where it says".to_owned())
            };
        }
        machine.step(code, &mut input)?;
    }
}

#[derive(Default)]
struct Machine {
    heap: Heap,
    stack: Vec<Value>,
    /// How high the stack was at each `MARK`.
    marks: Vec<usize>,
    /// By the number that the pickle gave, which may be any.
    memo: std::collections::HashMap<u64, Value>,
}

impl Machine {
    fn step(&mut self, code: u8, input: &mut Input<'_>) -> Result<(), String> {
        let value = match code {
            // What frames it: the protocol, and how many bytes come (which the input's own end says better).
            0x80 => return input.take(1).map(drop),
            0x95 => return input.take(8).map(drop),

            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'I' => match input.line()? {
                "00" => Value::Bool(false),
                "01" => Value::Bool(true),
                digits => integer(digits)?,
            },
            b'L' => {
                let digits = input.line()?;
                integer(digits.strip_suffix('L').unwrap_or(digits))?
            }
            b'K' => Value::Integer(input.byte()?.into()),
            b'M' => Value::Integer(u16::from_le_bytes(input.array()?).into()),
            b'J' => Value::Integer(i32::from_le_bytes(input.array()?).into()),
            0x8a => {
                let length = input.byte()?;
                Value::Integer(integer_of_long(input.take(length.into())?)?)
            }
            0x8b => {
                let length = u32::from_le_bytes(input.array()?);
                Value::Integer(integer_of_long(input.take(length.into())?)?)
            }
            b'F' => Value::Float(input.line()?.parse().map_err(|_| "a bad float".to_owned())?),
            b'G' => Value::Float(f64::from_be_bytes(input.array()?)),
            b'V' => Value::Text(unescape(input.raw_line()?)?.into()),
            0x8c => {
                let length = input.byte()?;
                Value::Text(input.text(length.into())?.into())
            }
            b'X' => {
                let length = u32::from_le_bytes(input.array()?);
                Value::Text(input.text(length.into())?.into())
            }
            0x8d => {
                let length = u64::from_le_bytes(input.array()?);
                Value::Text(input.text(length)?.into())
            }

            b'(' => {
                self.marks.push(self.stack.len());
                return Ok(());
            }
            b']' | b')' => self.heap.new_list(Vec::new()),
            b'l' | b't' => {
                let items = self.above_the_mark()?;
                self.heap.new_list(items)
            }
            0x85..=0x87 => {
                let items = self.top((code - 0x84).into())?;
                self.heap.new_list(items)
            }
            b'a' => {
                let item = self.pop()?;
                return self.append(vec![item]);
            }
            b'e' => {
                let items = self.above_the_mark()?;
                return self.append(items);
            }
            b'}' => Value::Dict(self.heap.new_dict()),
            b'd' => {
                let entries = self.above_the_mark()?;
                self.stack.push(Value::Dict(self.heap.new_dict()));
                return self.set(entries);
            }
            b's' => {
                let entry = self.top(2)?;
                return self.set(entry);
            }
            b'u' => {
                let entries = self.above_the_mark()?;
                return self.set(entries);
            }

            b'p' => return self.memoize(input.number_line()?),
            b'q' => return self.memoize(input.byte()?.into()),
            b'r' => return self.memoize(u32::from_le_bytes(input.array()?).into()),
            0x94 => return self.memoize(self.memo.len() as u64),
            b'g' => self.recall(input.number_line()?)?,
            b'h' => self.recall(input.byte()?.into())?,
            b'j' => self.recall(u32::from_le_bytes(input.array()?).into())?,
            other => return Err(refusal(other)),
        };
        self.stack.push(value);
        Ok(())
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), String> {
        let Some(Value::List(list)) = self.stack.last() else {
            return Err("it appends to what is no list".to_owned());
        };
        self.heap.extend_list(*list, items.into_iter());
        Ok(())
    }

    fn set(&mut self, entries: Vec<Value>) -> Result<(), String> {
        let Some(Value::Dict(dict)) = self.stack.last() else {
            return Err("it sets an item of what is no dict".to_owned());
        };
        if !entries.len().is_multiple_of(2) {
            return Err("a key without a value".to_owned());
        }
        let mut entries = entries.into_iter();
        let pairs = std::iter::from_fn(|| Some((entries.next()?, entries.next()?)));
        self.heap.extend_dict(*dict, pairs);
        Ok(())
    }

    fn memoize(&mut self, number: u64) -> Result<(), String> {
        let value = self.stack.last().ok_or_else(empty)?;
        self.memo.insert(number, value.clone());
        Ok(())
    }

    fn recall(&self, number: u64) -> Result<Value, String> {
        self.memo.get(&number).cloned().ok_or_else(|| format!("nothing is memoized as {number}"))
    }

    fn pop(&mut self) -> Result<Value, String> {
        // Not below the mark: what is there belongs to somebody who is not done.
        self.top(1)?.pop().ok_or_else(empty)
    }

    fn top(&mut self, count: usize) -> Result<Vec<Value>, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let at = self.stack.len().checked_sub(count).filter(|at| *at >= floor).ok_or_else(empty)?;
        Ok(self.stack.split_off(at))
    }

    fn above_the_mark(&mut self) -> Result<Vec<Value>, String> {
        let at = self.marks.pop().ok_or_else(|| "there is no mark".to_owned())?;
        Ok(self.stack.split_off(at))
    }
}

fn empty() -> String {
    "the stack is empty".to_owned()
}

fn integer(digits: &str) -> Result<Value, String> {
    digits
        .parse()
        .map(Value::Integer)
        .map_err(|_| "an integer that 128 bits do not hold".to_owned())
}

/// Says what an instruction is that is not carried out.
fn refusal(code: u8) -> String {
    let what = match code {
        b'c' => "GLOBAL",
        b'i' => "INST",
        b'o' => "OBJ",
        b'R' => "REDUCE",
        b'b' => "BUILD",
        b'P' => "PERSID",
        b'Q' => "BINPERSID",
        0x81 => "NEWOBJ",
        0x82 => "EXT1",
        0x83 => "EXT2",
        0x84 => "EXT4",
        0x92 => "NEWOBJ_EX",
        0x93 => "STACK_GLOBAL",
        0x8f..=0x91 => return "a set, which JSON does not have".to_owned(),
        b'B' | b'C' | 0x8e | 0x96 | 0x97 | 0x98 => {
            return "bytes, which JSON does not have".to_owned();
        }
        b'S' | b'T' | b'U' => return "a byte string of Python 2".to_owned(),
        other => return format!("the instruction {other:#04x}, which plain data does not need"),
    };
    format!("the instruction {what}, which imports or calls")
}

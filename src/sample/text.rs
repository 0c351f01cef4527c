//! GGUF descriptions: JSON text, most of it a chat template. Templates are put together from a few
//! parts with the family's own marks, as they are in the wild: a few are copied by everybody.

use rand::{Rng, RngExt};
use serde::Serialize;

use crate::sample::families::{Family, Kind};
use crate::sample::plan::Model;
use crate::sample::shape::{percent, weighted};

/// A GGUF description, fields in the order of the real ones.
#[derive(Serialize)]
struct Gguf<'a> {
    total: u64,
    architecture: &'a str,
    context_length: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bos_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eos_token: Option<&'a str>,
    #[serde(rename = "totalFileSize", skip_serializing_if = "Option::is_none")]
    total_file_size: Option<u64>,
}

/// The GGUF description of a model, as JSON text.
pub fn gguf(model: &Model, rng: &mut impl Rng) -> anyhow::Result<String> {
    let family = model.family();
    let marks = marks(family);
    let talks = matches!(family.kind, Kind::Chat | Kind::Sight);
    let template = match weighted(rng, &[20.0, 24.0, 56.0]) {
        _ if !talks => None,
        0 => None,
        1 => Some(short_template(marks)),
        _ => Some(long_template(marks)),
    };
    // Bytes of all files together: several packings of about half a byte to two a parameter.
    let packings = rng.random_range(1..9) * 9 / 8;
    let size = model.params / 64 * 37 * packings + 5_767_168;
    let description = Gguf {
        total: model.params,
        architecture: family.gguf,
        context_length: family.context,
        chat_template: template,
        bos_token: talks.then_some(marks.begin),
        eos_token: talks.then_some(marks.end),
        total_file_size: percent(rng, 55.0).then_some(size),
    };
    Ok(serde_json::to_string(&description)?)
}

/// The marks around the turns of a conversation.
#[derive(Clone, Copy)]
struct Marks {
    begin: &'static str,
    open: &'static str,
    close: &'static str,
    end: &'static str,
}

fn marks(family: &Family) -> Marks {
    let (begin, open, close, end) = match family.gguf {
        "llama" => (
            "<|begin_of_text|>",
            "<|start_header_id|>",
            "<|end_header_id|>\\n\\n",
            "<|eot_id|>",
        ),
        "gemma" | "gemma2" | "gemma3" => ("<bos>", "<start_of_turn>", "\\n", "<end_of_turn>"),
        "phi3" | "phi2" => ("<s>", "<|", "|>\\n", "<|end|>"),
        "deepseek2" => ("<|begin|>", "<|", "|>", "<|end_of_sentence|>"),
        _ => ("<|endoftext|>", "<|im_start|>", "\\n", "<|im_end|>"),
    };
    Marks {
        begin,
        open,
        close,
        end,
    }
}

/// Puts a family's marks into a template.
fn marked(template: &str, marks: Marks) -> String {
    let opened = template
        .replace("<OPEN>", marks.open)
        .replace("<CLOSE>", marks.close);
    opened.replace("<END>", marks.end)
}

fn short_template(marks: Marks) -> String {
    marked(&[TURNS, PROMPT].concat(), marks)
}

fn long_template(marks: Marks) -> String {
    marked(&[DEFAULTS, SYSTEM, TOOLS, THOUGHTS, PROMPT].concat(), marks)
}

const TURNS: &str = r"{% for message in messages %}{% if loop.first and message['role'] != 'system' %}{{ '<OPEN>system<CLOSE>You answer briefly and say when you do not know.<END>\n' }}{% endif %}{{ '<OPEN>' + message['role'] + '<CLOSE>' + message['content'] | trim + '<END>\n' }}{% endfor %}";

const PROMPT: &str = r"{% if add_generation_prompt %}{{ '<OPEN>assistant<CLOSE>' }}{% endif %}";

const DEFAULTS: &str = r"{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- if not today is defined %}
    {%- if strftime_now is defined %}
        {%- set today = strftime_now('%d %B %Y') %}
    {%- else %}
        {%- set today = 'unknown' %}
    {%- endif %}
{%- endif %}
{%- if not thinking is defined %}
    {%- set thinking = false %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system = '' %}
{%- endif %}
";

const SYSTEM: &str = r"{{- '<OPEN>system<CLOSE>' }}
{%- if tools is not none %}
    {{- 'You may call the functions below to answer the question. Their signatures stand between two lines of dashes, one JSON object each.\n' }}
    {{- '----\n' }}
    {%- for tool in tools %}
        {{- tool | tojson(indent=4) }}
        {{- '\n' }}
    {%- endfor %}
    {{- '----\n' }}
    {{- 'To call a function, answer with one JSON object that holds its name and its arguments, and nothing else. Never invent a function. Leave out arguments that have a default.\n' }}
{%- endif %}
{{- 'Today is ' + today + '.\n' }}
{{- system }}
{{- '<END>\n' }}
";

const TOOLS: &str = r"{%- macro call(function) %}
    {{- '{\x22name\x22: \x22' + function.name + '\x22, ' }}
    {{- '\x22arguments\x22: ' + function.arguments | tojson + '}' }}
{%- endmacro %}
{%- for message in messages %}
    {%- if message.tool_calls is defined and message.tool_calls | length > 0 %}
        {%- if message.tool_calls | length != 1 %}
            {{- raise_exception('Only one call at a time is understood') }}
        {%- endif %}
        {{- '<OPEN>assistant<CLOSE>' }}
        {{- call(message.tool_calls[0].function) }}
        {{- '<END>\n' }}
    {%- elif message.role == 'tool' or message.role == 'ipython' %}
        {{- '<OPEN>tool<CLOSE>' }}
        {%- if message.content is mapping or message.content is iterable and message.content is not string %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- '<END>\n' }}
";

const THOUGHTS: &str = r"    {%- elif message.role == 'assistant' and '</think>' in message.content %}
        {%- set parts = message.content.split('</think>') %}
        {{- '<OPEN>assistant<CLOSE>' }}
        {%- if thinking and loop.last %}
            {{- parts[0] + '</think>\n\n' }}
        {%- endif %}
        {{- parts[-1].lstrip('\n') + '<END>\n' }}
    {%- else %}
        {{- '<OPEN>' + message.role + '<CLOSE>' + message.content | trim + '<END>\n' }}
    {%- endif %}
{%- endfor %}
";

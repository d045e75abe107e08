// The model's own chat template and tool-call parser, as llama.cpp's "common" library has them, behind five C functions.
// Everything crosses as JSON text. No C++ exception may leave this file.
#include "chat.h"
#include "common.h"
#include "json.h"
#include "json-schema-to-grammar.h"
#include "peg-parser.h"

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

char * copy(const std::string & text) {
    char * out = static_cast<char *>(std::malloc(text.size() + 1));
    if (out) {
        std::memcpy(out, text.c_str(), text.size() + 1);
    }
    return out;
}

std::string json_text(const std::string & text) {
    return common_json::make(text).dump();
}

template <typename List, typename Write> std::string array(const List & list, Write write) {
    std::string out = "[";
    for (const auto & entry : list) {
        if (out.size() > 1) {
            out += ",";
        }
        out += write(entry);
    }
    return out + "]";
}

std::string trigger(const common_grammar_trigger & t) {
    // The sampler knows patterns and tokens only: a trigger word becomes the pattern that matches it.
    const bool token    = t.type == COMMON_GRAMMAR_TRIGGER_TYPE_TOKEN;
    std::string pattern = token ? "" : t.value;
    if (t.type == COMMON_GRAMMAR_TRIGGER_TYPE_WORD) {
        pattern = regex_escape(t.value);
    } else if (t.type == COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN_FULL) {
        pattern = "^(" + t.value + ")$";
    }
    return "{\"pattern\":" + json_text(pattern) + ",\"token\":" + std::to_string(token ? t.token : -1) + "}";
}

char * failure(const char * what) {
    return copy("{\"error\":" + json_text(what) + "}");
}

}  // namespace

extern "C" void * jamey_chat_open(const llama_model * model) {
    try {
        return common_chat_templates_init(model, "").release();
    } catch (...) {
        return nullptr;
    }
}

extern "C" void jamey_chat_close(void * templates) {
    common_chat_templates_free(static_cast<common_chat_templates *>(templates));
}

extern "C" void jamey_chat_free(char * text) {
    std::free(text);
}

extern "C" char * jamey_chat_apply(void * templates, const char * messages, const char * tools, const char * choice) {
    try {
        common_chat_templates_inputs in;
        in.messages = common_chat_msgs_parse_oaicompat(common_json::parse(messages));
        if (*tools) {
            in.tools       = common_chat_tools_parse_oaicompat(common_json::parse(tools));
            in.tool_choice = common_chat_tool_choice_parse_oaicompat(choice);
        }
        in.use_jinja           = true;
        in.parallel_tool_calls = false;
        const auto p = common_chat_templates_apply(static_cast<common_chat_templates *>(templates), in);
        return copy(
            "{\"prompt\":" + json_text(p.prompt) + ",\"grammar\":" + json_text(p.grammar) +
            ",\"lazy\":" + (p.grammar_lazy ? "true" : "false") + ",\"triggers\":" + array(p.grammar_triggers, trigger) +
            ",\"preserved\":" + array(p.preserved_tokens, json_text) + ",\"stops\":" + array(p.additional_stops, json_text) +
            ",\"format\":" + std::to_string(static_cast<int>(p.format)) + ",\"parser\":" + json_text(p.parser) +
            ",\"generation_prompt\":" + json_text(p.generation_prompt) + "}");
    } catch (const std::exception & e) {
        return failure(e.what());
    } catch (...) {
        return failure("unknown failure");
    }
}

extern "C" char * jamey_chat_parse(const char * text, bool partial, int format, const char * parser, const char * generation_prompt) {
    try {
        common_chat_parser_params in;
        in.format            = static_cast<common_chat_format>(format);
        in.generation_prompt = generation_prompt;
        in.parse_tool_calls  = true;
        if (*parser) {
            in.parser.load(parser);
        }
        return copy(common_chat_parse(text, partial, in).to_json_oaicompat().dump());
    } catch (const std::exception & e) {
        return failure(e.what());
    } catch (...) {
        return failure("unknown failure");
    }
}

extern "C" char * jamey_grammar_of_schema(const char * schema) {
    try {
        return copy("{\"grammar\":" + json_text(json_schema_to_grammar(common_json::parse(schema))) + "}");
    } catch (const std::exception & e) {
        return failure(e.what());
    } catch (...) {
        return failure("unknown failure");
    }
}

/// A language model, or something that stands in for one.
package protocol ModelClient: Sendable {
    /// Makes one turn: sends the conversation, lets `onDelta` follow the text as it arrives, returns the whole turn.
    ///
    /// Requests are retried inside as the provider allows, never after something was heard unless `onDelta` got
    /// ``ModelDelta/restarted``. Cancelling the task closes the request. Throws ``BridgeError`` with what was
    /// spent until then.
    func turn(_ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void) async throws
        -> ModelTurn
}

/// What is heard while a turn is made.
package enum ModelDelta: Sendable, Hashable {
    case text(String)
    /// The model thinks; the text is a summary that may be shown as a status, and may be empty.
    case thinking(String)
    /// Everything heard of this turn is void; it begins anew.
    case restarted
    /// The provider is busy or failed; it is asked again after the wait.
    case retrying(attempt: Int, after: Duration, reason: String)
}

/// One request to a model. Equal requests make equal bytes, so that prompt caches hit.
package struct ModelRequest: Sendable {
    package var model: String
    package var maxTokens: Int
    /// Stable over questions: rules and organisation.
    package var system: String
    /// The tools that this asker may use, sorted by name.
    package var tools: [ModelTool]
    /// The best tools that this asker may not use, with the verdict: never sent to a provider, only for the
    /// `offline` model, which must say why it refuses.
    package var withheld: [WithheldTool]
    package var messages: [ModelMessage]
    /// False at the iteration limit: the model must answer from what it has.
    package var mayCallTools: Bool

    package init(
        model: String, maxTokens: Int, system: String, tools: [ModelTool] = [], withheld: [WithheldTool] = [],
        messages: [ModelMessage], mayCallTools: Bool = true
    ) {
        self.model = model
        self.maxTokens = maxTokens
        self.system = system
        self.tools = tools
        self.withheld = withheld
        self.messages = messages
        self.mayCallTools = mayCallTools
    }
}

/// A tool under the name that the model knows it by.
package struct ModelTool: Sendable, Hashable {
    /// `[a-zA-Z0-9_-]{1,64}`, unique in a request.
    package let wireName: String
    package let definition: ToolDefinition

    package init(wireName: String, definition: ToolDefinition) {
        self.wireName = wireName
        self.definition = definition
    }
}

package struct WithheldTool: Sendable, Hashable {
    package let definition: ToolDefinition
    package let verdict: Verdict

    package init(definition: ToolDefinition, verdict: Verdict) {
        self.definition = definition
        self.verdict = verdict
    }
}

package enum ModelMessage: Sendable {
    /// A person's words. `earlier` turns are recalled from the thread as text.
    case user(String)
    /// An earlier answer, recalled as text.
    case assistant(String)
    /// The model's own turn in this question, sent back exactly as it came.
    case turn(ModelTurn)
    /// One result for each call of the turn before, in its order.
    case toolResults([ModelToolResult])
}

package struct ModelToolResult: Sendable, Hashable {
    /// The id that the model gave the call.
    package let callID: String
    /// Whose words the result is; nil when it is the house's own (a refusal, an unknown tool).
    package let tool: ToolName?
    package let result: ToolResult

    package init(callID: String, tool: ToolName? = nil, result: ToolResult) {
        self.callID = callID
        self.tool = tool
        self.result = result
    }
}

/// What the model said in one turn.
package struct ModelTurn: Sendable {
    package enum Stop: Sendable, Hashable {
        case endTurn, toolUse, maxTokens, stopSequence, pauseTurn, contextExceeded
        /// The provider refused; its category, if it named one.
        case refusal(category: String?)
        /// The `offline` model found that only a tool fits which the asker may not use.
        indirect case withheld(WithheldTool)
        /// A reason that this program does not know.
        case unknown(String)
    }

    /// The provider's content blocks as JSON text, byte for byte: thinking blocks are bound to their bytes.
    package let rawBlocks: [String]
    /// The text blocks, joined.
    package let text: String
    package let calls: [ModelToolCall]
    package let stop: Stop
    package let usage: TokenUsage
    /// The model that answered, as the provider names it.
    package let model: String
    /// By model the tokens of requests to other models that came to nothing before this one answered: billed all the same.
    package var spent: [String: TokenUsage] = [:]

    package init(
        rawBlocks: [String], text: String, calls: [ModelToolCall], stop: Stop, usage: TokenUsage, model: String
    ) {
        self.rawBlocks = rawBlocks
        self.text = text
        self.calls = calls
        self.stop = stop
        self.usage = usage
        self.model = model
    }
}

package struct ModelToolCall: Sendable, Hashable {
    package let id: String
    /// As the model wrote it; any string, since a model can name anything.
    package let wireName: String
    /// nil when the input was not JSON or no object: the call must not be made.
    package let input: JSONValue?

    package init(id: String, wireName: String, input: JSONValue?) {
        self.id = id
        self.wireName = wireName
        self.input = input
    }
}

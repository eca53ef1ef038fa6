/// Port to a language model, or to a substitute for one.
package protocol ModelClient: Sendable {
    /// Makes one turn: sends the conversation, calls `onDelta` for each part of the response as it arrives, and returns
    /// the whole turn.
    ///
    /// The client retries failed requests as the provider allows. If deltas were passed on before a retry, it calls
    /// `onDelta` with ``ModelDelta/restarted`` first. Cancelling the task closes the request. Throws ``BridgeError``
    /// with the tokens that were spent.
    func turn(_ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void) async throws
        -> ModelTurn
}

/// One event of a turn that is being made.
package enum ModelDelta: Sendable, Hashable {
    /// The next part of the answer's text.
    case text(String)
    /// The next part of the model's thinking: a summary that may be shown as a status.
    case thinking(String)
    /// All earlier deltas of this turn are void; the turn begins anew.
    case restarted
    /// The provider is overloaded or failed; the request is sent again after the wait. `attempt` counts retries from 1.
    case retrying(attempt: Int, after: Duration, reason: String)
}

/// One request to a model. Clients encode equal requests as equal bytes, so that the provider's prompt cache hits.
package struct ModelRequest: Sendable {
    /// The provider's id of the model.
    package var model: String
    /// The most tokens of the response.
    package var maxTokens: Int
    /// The system prompt, the same for many questions: rules and the organisation's instructions.
    package var system: String
    /// The tools that the asker may use, sorted by name.
    package var tools: [ModelTool]
    /// The best matching tools that the asker may not use, with the verdict. Never sent to a provider; the `offline`
    /// model states them in a refusal.
    package var withheld: [WithheldTool]
    /// The conversation, oldest message first.
    package var messages: [ModelMessage]
    /// False at the iteration limit: the model must answer without further calls.
    package var mayCallTools: Bool
    /// When the question's time is over; nil for no limit. Never sent to a provider: it limits how long an overload is
    /// waited out.
    package var deadline: ContinuousClock.Instant?

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

extension ModelToolCall {
    /// The call with the tool's own names in its input, from one that a model made with those of
    /// ``ToolDefinition/modelSchema``.
    func underOwnNames(of tools: [ModelTool]) -> ModelToolCall {
        guard let input, let tool = tools.first(where: { $0.wireName == wireName }) else { return self }
        return ModelToolCall(
            id: id, wireName: wireName, input: tool.definition.modelSchema.toolArguments(input))
    }
}

/// A tool that fits the question and that the policy denies to the asker.
package struct WithheldTool: Sendable, Hashable {
    package let definition: ToolDefinition
    package let verdict: Verdict

    package init(definition: ToolDefinition, verdict: Verdict) {
        self.definition = definition
        self.verdict = verdict
    }
}

/// One message of a conversation.
package enum ModelMessage: Sendable {
    /// A user's message: the question, or an earlier one of the thread.
    case user(String)
    /// Images that belong to the user's message after it.
    case images([Base64Image])
    /// An earlier answer of the thread, as text.
    case assistant(String)
    /// The model's turn in this question, which its own provider gets back unchanged.
    case turn(ModelTurn)
    /// The results of the calls of the turn before, one for each, in its order.
    case toolResults([ModelToolResult])
}

/// The result of one call, as the model is told it.
package struct ModelToolResult: Sendable, Hashable {
    /// The id that the model gave the call.
    package let callID: String
    /// The tool that returned the result; nil when it is Omni's own (a denial, an unknown tool).
    package let tool: ToolName?
    package let result: ToolResult

    package init(callID: String, tool: ToolName? = nil, result: ToolResult) {
        self.callID = callID
        self.tool = tool
        self.result = result
    }

    /// The same for a call of another id.
    func answering(_ callID: String) -> ModelToolResult {
        ModelToolResult(callID: callID, tool: tool, result: result)
    }

    /// The same, without what is for the user only.
    var forModel: ModelToolResult {
        guard !result.userContent.isEmpty else { return self }
        var visible = result
        visible.userContent = []
        return ModelToolResult(callID: callID, tool: tool, result: visible)
    }
}

/// One complete response of a model.
package struct ModelTurn: Sendable {
    /// Why the response ended.
    package enum Stop: Sendable, Hashable {
        case endTurn, toolUse, maxTokens, stopSequence, pauseTurn, contextExceeded
        /// The provider refused; with its category, nil when it named none.
        case refusal(category: String?)
        /// The `offline` model found that a tool which the asker may not use fits clearly better than all others.
        indirect case withheld(WithheldTool)
        /// A reason that this program does not know.
        case unknown(String)
    }

    /// The provider that made the turn, whose format `rawBlocks` has: `anthropic`, `offline`.
    package let provider: String
    /// The provider's content blocks as JSON text, to be sent back; the provider rejects thinking blocks that were
    /// changed. A client of another provider, and any client when this is empty, sends the text and the calls instead.
    package var rawBlocks: [String]
    /// The text of all text blocks.
    package let text: String
    /// The calls that the model asks for, in its order.
    package var calls: [ModelToolCall]
    package let stop: Stop
    /// The tokens of the request that this turn answers.
    package let usage: TokenUsage
    /// The model that answered, as the provider names it.
    package let model: String
    /// By model, the tokens of each request that failed before this one was answered. They are billed too, each at the
    /// price for the length of its own prompt.
    package var spent: [String: [TokenUsage]] = [:]

    package init(
        provider: String, rawBlocks: [String], text: String, calls: [ModelToolCall], stop: Stop, usage: TokenUsage,
        model: String
    ) {
        self.provider = provider
        self.rawBlocks = rawBlocks
        self.text = text
        self.calls = calls
        self.stop = stop
        self.usage = usage
        self.model = model
    }
}

/// A tool call that the model asks for.
package struct ModelToolCall: Sendable, Hashable {
    /// The provider's id of the call, which its result repeats.
    package let id: String
    /// The name as the model wrote it, which may be no name of a tool.
    package let wireName: String
    /// The arguments under the tool's own names; nil when the input is incomplete or no JSON object, and the call must
    /// not be made then.
    package let input: JSONValue?

    package init(id: String, wireName: String, input: JSONValue?) {
        self.id = id
        self.wireName = wireName
        self.input = input
    }
}

import Bridge
import Testing

@testable import SlackBot

@Suite("What the cards of a streamed answer say")
struct StreamCardTests {
    private func cards(_ chunks: [StreamChunk]) -> [TaskCard] {
        chunks.compactMap { chunk in
            guard case .task(let card) = chunk else { return nil }
            return card
        }
    }

    private func cards(_ action: AnswerStream.Action) -> [TaskCard] {
        switch action {
        case .start(let chunks), .append(_, let chunks), .stop(_, let chunks): cards(chunks)
        case .wait, .done: []
        }
    }

    @Test(
        "the first card has the text of ack_message, as one line without marks and mentions",
        arguments: zip(
            ["*On it!*", "🤔 One\nmoment <!here>", " "],
            ["On it!", "🤔 One moment @\(MarkdownMentions.breaker)here", UserMessages.thinkingCard]))
    func acknowledgement(_ text: String, _ title: String) {
        var run = StreamRun(acknowledgement: text)
        let first = cards(run.step())
        #expect(first == [TaskCard(id: "Q-0.0", title: title, status: .inProgress)])
    }

    @Test("an answer that takes longer says so on its running card, once, and no more when the card has ended")
    func late() {
        var run = StreamRun(acknowledgement: "On it!", late: "_Patience_, please.")
        run.step()
        run.stream.becomeLate()
        let thinking = cards(run.step())
        #expect(thinking == [TaskCard(id: "Q-0.0", title: "Patience, please.", status: .inProgress)])
        #expect(cards(run.step()).isEmpty)
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        let begun = cards(run.step())
        #expect(
            begun == [
                TaskCard(id: "Q-0.0", title: "On it!", status: .complete),
                TaskCard(id: "Q-0.1", title: "ops.look_a", status: .inProgress),
            ])
    }

    @Test("the card of a call that takes longer keeps the tool's name, also in the next message")
    func lateCall() {
        var run = StreamRun()
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        run.step()
        run.stream.becomeLate()
        let title = "ops.look_a: \(UserMessages.late)"
        let late = cards(run.step())
        #expect(late == [TaskCard(id: "Q-0.1", title: title, status: .inProgress)])
        let left = cards(run.step(after: AnswerStream.lifetime))
        #expect(left.map(\.title) == ["ops.look_a"] && left.map(\.status) == [.complete])
        let again = cards(run.step())
        #expect(again == [TaskCard(id: "Q-1.1", title: title, status: .inProgress)])
        run.stream.handle(.toolFinished(StreamRun.call("a", .succeeded)))
        let ended = cards(run.step())
        #expect(ended == [TaskCard(id: "Q-1.1", title: "ops.look_a", status: .complete, output: "1.2 s")])
    }

    @Test("when no call runs, a further card says that the answer takes longer, until there is text")
    func lateModel() {
        var run = StreamRun()
        run.stream.handle(.toolFinished(StreamRun.call("a", .succeeded)))
        run.step()
        run.stream.becomeLate()
        let late = cards(run.step())
        #expect(late == [TaskCard(id: "Q-0.2", title: UserMessages.late, status: .inProgress)])
        let ending = run.finish("Done.")
        let last = cards(ending.stop?.chunks ?? [])
        #expect(last == [TaskCard(id: "Q-0.2", title: UserMessages.thinkingCard, status: .complete)])
    }

    @Test("an answer whose text appears already does not say that it takes longer")
    func lateText() {
        var run = StreamRun()
        run.step()
        run.stream.handle(.text(String(repeating: "apple ", count: 60)))
        run.step()
        run.stream.becomeLate()
        #expect(cards(run.step()).isEmpty)
    }
}

import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("An image in the outbox")
struct FilePostTests {
    private static let tool = ToolName(server: "shop", tool: "draw")

    private func file(_ altText: String?, _ format: ImageFormat = .jpeg) -> FilePost {
        FilePost(AnswerFile(tool: Self.tool, format: format, data: "AQI=", altText: altText))
    }

    @Test("the name is that of its row, and the body holds everything that the upload needs")
    func body() throws {
        var post = PostRow(question: ULID(), part: 3, kind: .file)
        let file = file("Two bars\nof two days").named(after: post)
        #expect(file.name == "omni-\(post.key).jpg")
        #expect(file.title == "Two bars" && file.altText == "Two bars\nof two days")
        #expect(file.mimeType == "image/jpeg" && file.bytes == [1, 2])
        post.body = file.json
        #expect(FilePost(post.body) == file)
        let other = PostRow(question: ULID(), part: 4, kind: .file)
        #expect(FilePost(post.body)?.named(after: other).name == "omni-\(other.key).jpg")
        #expect(FilePost(nil) == nil && FilePost(["text": "a"]) == nil)
    }

    @Test("a message shares the file when one of its files has the name")
    func shared() {
        var post = PostRow(question: ULID(), part: 3, kind: .file)
        let name = file(nil).named(after: post).name
        post.body = file(nil).named(after: post).json
        #expect(FilePost.isShared(post, by: ["files": [["name": "a"], ["name": .string(name)]]]))
        #expect(!FilePost.isShared(post, by: ["files": [["name": "a"]]]))
        #expect(!FilePost.isShared(post, by: ["text": .string(name)]))
        post.body = nil
        #expect(!FilePost.isShared(post, by: ["files": [["id": "F1"]]]))
    }

    @Test("a file of an answer is known by its name in a message of a bot's, also one that a button made")
    func own() {
        let post = PostRow(question: ULID(), part: 3, kind: .file)
        func message(_ name: String, bot: JSONValue = "B1") -> JSONValue {
            ["bot_id": bot, "files": [["name": "a"], ["name": .string(name)]]]
        }
        let table = FilePost.table([["a"]], title: UserMessages.tableTitle(1))
        for name in [file(nil).named(after: post).name, table.named(after: post.question).name] {
            #expect(FilePost.isOwn(message(name)), "\(name)")
            #expect(!FilePost.isOwn(message(name, bot: .null)), "shared by a user")
        }
        for name in ["table-1.csv", "omni-digest-1.png", "omni-\(post.question).png", "x-omni-\(post.key).png"] {
            #expect(!FilePost.isOwn(message(name)), "\(name)")
        }
        #expect(!FilePost.isOwn(["bot_id": "B1"]))
    }

    @Test("title and alternative text are within Slack's limits, and name the tool when it says nothing")
    func texts() {
        #expect(file(nil).title == "Image from \(Self.tool)" && file(nil).altText == "Image from \(Self.tool)")
        let long = file(String(repeating: "x", count: 3_000))
        #expect(long.title.count == 80 && long.title.hasSuffix("…") && long.altText.count == 1_000)
    }

    @Test("an answer says how many images are left out, and why")
    func leftOut() throws {
        var files = AnswerFiles()
        let png = ToolContent.image(data: "iVBORw0KGgo=", mimeType: "image/png")
        files.add(ToolResult(content: [png, .image(data: "AAAA", mimeType: "image/png")]), of: Self.tool)
        let outcome = QuestionOutcome.answered(Answer(text: "Here.", usage: Usage(), files: files))
        var style = AnswerMessages.Style(footer: nil)
        func context() -> String {
            JSONValue.array(AnswerMessages.render(outcome, style: style).messages.last?.blocks ?? []).text()
        }
        #expect(context().contains("1 image is left out: an answer has at most 5"))
        style.sendsFilesDirectly = true
        #expect(context().contains("1 image is in our direct messages"))
        #expect(context().contains("1 image is left out: an answer has at most 5"))
    }
}

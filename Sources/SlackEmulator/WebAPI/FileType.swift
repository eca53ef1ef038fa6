import Bridge

/// The type that Slack names for a file: by its first bytes for images, else by the ending of its name.
struct FileType: Sendable {
    /// `mimetype` and `filetype` of a file object.
    let mime: String
    let name: String

    private static let byEnding = [
        "csv": FileType(mime: "text/csv", name: "csv"), "tsv": FileType(mime: "text/plain", name: "tsv"),
        "txt": FileType(mime: "text/plain", name: "text"), "log": FileType(mime: "text/plain", name: "text"),
        "md": FileType(mime: "text/markdown", name: "markdown"), "html": FileType(mime: "text/html", name: "html"),
        "json": FileType(mime: "application/json", name: "json"), "pdf": FileType(mime: "application/pdf", name: "pdf"),
        "zip": FileType(mime: "application/zip", name: "zip"), "mp4": FileType(mime: "video/mp4", name: "mp4"),
        "xlsx": FileType(
            mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name: "xlsx"),
    ]

    private init(mime: String, name: String) {
        self.mime = mime
        self.name = name
    }

    init(of upload: Upload) {
        if let image = upload.image {
            self.init(mime: image.mimeType, name: image.fileExtension)
        } else {
            let ending = upload.name.split(separator: ".").last?.lowercased() ?? ""
            self = Self.byEnding[ending] ?? FileType(mime: "application/octet-stream", name: "binary")
        }
    }

    /// Text files are snippets.
    var mode: String { mime.hasPrefix("text/") || name == "json" ? "snippet" : "hosted" }
}

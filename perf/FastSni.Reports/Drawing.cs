using System.Globalization;
using System.Xml.Linq;

namespace FastSni.Reports;

/// <summary>An SVG picture on white, in pixels from the upper left corner. XML's rules are the XML library's care.</summary>
internal sealed class Drawing
{
    public const int TextSize = 13, TitleSize = 16;
    public const string Ink = "#222222", Faint = "#dddddd";

    // Okabe and Ito's colours, which people who see few colours tell apart as well.
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f"];
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly XElement _root;

    public Drawing(int width, int height, string title)
    {
        _root = new(Svg + "svg", new XAttribute("viewBox", $"0 0 {width} {height}"), new XAttribute("width", width), new XAttribute("height", height),
            new XAttribute("font-family", "sans-serif"), new XAttribute("font-size", TextSize), new XAttribute("role", "img"), new XElement(Svg + "title", Clean(title)));
        Rectangle(0, 0, width, height, "#ffffff");
        Text(width / 2.0, TitleSize + 8, title, "middle", TitleSize);
    }

    /// <summary>The colour of the so-manyth thing, and the dashes it needs once the colours begin anew.</summary>
    public static (string Colour, string? Dashes) Style(int number) =>
        (Colours[number % Colours.Length], (number / Colours.Length % 3) switch { 0 => null, 1 => "7 4", _ => "2 3" });

    /// <summary>About how wide a text will be; no font is at hand to ask.</summary>
    public static double WidthOf(string text) => text.Length * TextSize * 0.58;

    public static double WidthOfTitle(string title) => WidthOf(title) * TitleSize / TextSize + 20;

    public void Rectangle(double x, double y, double width, double height, string colour) =>
        Add("rect", ("x", N(x)), ("y", N(y)), ("width", N(width)), ("height", N(height)), ("fill", colour));

    public void Line(double x1, double y1, double x2, double y2, string colour, double width = 1) =>
        Add("line", ("x1", N(x1)), ("y1", N(y1)), ("x2", N(x2)), ("y2", N(y2)), ("stroke", colour), ("stroke-width", N(width)));

    public void Polyline(IEnumerable<(double X, double Y)> points, (string Colour, string? Dashes) style)
    {
        XElement line = Add("polyline", ("points", string.Join(' ', points.Select(point => $"{N(point.X)},{N(point.Y)}"))), ("fill", "none"),
            ("stroke", style.Colour), ("stroke-width", "2"), ("stroke-linejoin", "round"));
        if (style.Dashes is not null)
            line.SetAttributeValue("stroke-dasharray", style.Dashes);
    }

    public void Dot(double x, double y, string colour) => Add("circle", ("cx", N(x)), ("cy", N(y)), ("r", "2.5"), ("fill", colour));

    /// <param name="anchor">start, middle or end: which part of the text lies at X.</param>
    public void Text(double x, double y, string text, string anchor = "start", int size = TextSize) =>
        Add("text", ("x", N(x)), ("y", N(y)), ("text-anchor", anchor), ("font-size", N(size)), ("fill", Ink)).Add(Clean(text));

    /// <summary>Read from below, around its middle.</summary>
    public void UprightText(double x, double y, string text) =>
        Add("text", ("transform", $"translate({N(x)} {N(y)}) rotate(-90)"), ("text-anchor", "middle"), ("fill", Ink)).Add(Clean(text));

    public override string ToString() => _root.ToString();

    private XElement Add(string name, params (string Name, string Value)[] attributes)
    {
        XElement element = new(Svg + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value)));
        _root.Add(element);
        return element;
    }

    // XML can't hold control characters, not even escaped.
    private static string Clean(string text) => string.Concat(text.Select(character => System.Xml.XmlConvert.IsXmlChar(character) ? character : ' '));

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}

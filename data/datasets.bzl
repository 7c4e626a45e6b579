"""The list of data sets: data, experiments, analysis, tables, tools and tests load it.

To add one: an entry here, and its shape and labels in data/specs/NAME.textproto.
Its rows stand in Tables 2, 3 and 5 below those of the paper's data sets, which
are the ones that paper_tables/published.textproto has numbers of.
"""

_LIBSVM = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/"

def _dataset(
        name,
        protocol,
        url = None,
        sha256 = "",
        md5 = "",
        file = None,
        of_paper = False):
    """An entry.

    Args:
      name: of //data:NAME and of the family //experiments/logistic:NAME.
      protocol: experiments/logistic/PROTOCOL.textproto, "small" or "large", or
        another one of PROTOCOLS in experiments/experiment.bzl.
      url: the official address of the file in LIBSVM form.
      sha256: of the file at `url`.
      md5: the same, where no sha256 is known.
      file: instead of `url`: a file or target of //data, such as "files/NAME".
      of_paper: takes of the protocol what was chosen on the paper's data, too: when
        a run counts as exploded, and how the paper solved for w*.

    Returns:
      the entry.
    """
    if (url == None) == (file == None):
        fail("data set %s: give url or file" % name)
    if (url != None) != (sha256 + md5 != ""):
        fail("data set %s: sha256, or md5, goes with url" % name)
    return struct(
        name = name,
        protocol = protocol,
        url = url,
        sha256 = sha256,
        md5 = md5,
        file = file,
        of_paper = of_paper,
    )

DATASETS = [
    _dataset(
        name = "a4a",
        of_paper = True,
        protocol = "small",
        sha256 = "694d5abff492bdb8ce9749ddf3bf5af1c6f1f0ad6e3a0ae7818000d4d4c4847b",
        url = _LIBSVM + "a4a",
    ),
    _dataset(
        name = "a6a",
        of_paper = True,
        protocol = "small",
        sha256 = "6023becedbd392fdc6a62ad94b60c9363149370d4c57ef13949fcc765842a031",
        url = _LIBSVM + "a6a",
    ),
    _dataset(
        name = "a9a",
        of_paper = True,
        protocol = "small",
        sha256 = "f5d5ffd8d865ff41328e7ee043e4b020816914ff6843ff15b98905ddbedce906",
        url = _LIBSVM + "a9a",
    ),
    _dataset(
        name = "real-sim",
        of_paper = True,
        protocol = "large",
        sha256 = "7cd52374f55ce62e803ef33ca1c44689427c23d481eff64026f8ba9f53b8cc27",
        url = _LIBSVM + "real-sim.bz2",
    ),
    # No sha256 of it is known to us; the converter checks rows, features and
    # every value.
    _dataset(
        name = "rcv1",
        md5 = "1aeda848408e621468c0fe6944d9382f",
        of_paper = True,
        protocol = "large",
        url = _LIBSVM + "rcv1_train.binary.bz2",
    ),
]

"""Score a folder of Parquet files on a Dask cluster: `python cluster.py IN OUT [TEXT COLUMN]` (extra `dask`)."""

import sys

import dask.dataframe
from dask.distributed import Client, LocalCluster

from stance.batch import score_frame

if __name__ == "__main__":
    source, target, *column = sys.argv[1:]
    text = column[0] if column else "text"
    # Two processes of this machine; `Client("tcp://scheduler:8786")` alone takes a cluster that is there already.
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        frame = dask.dataframe.read_parquet(source)
        frame.map_partitions(score_frame, text).to_parquet(target)
        scored = dask.dataframe.read_parquet(target, columns=["stance_label"])
        print(scored["stance_label"].value_counts().compute())
